import { type JsMsg, jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { serve } from "../measure/actor.ts";
import { pass } from "./codec.ts";
import { Stopwatch } from "./stopwatch.ts";
import { IN_FLIGHT, type StageResult, type StageRun } from "./wire.ts";

/** By hand, with the client as it comes: consume, 256 at once, `js.publish`, ack. No message id, no guarantees. */
async function run({ nats_url, user, password, broker_pid, count }: StageRun): Promise<StageResult> {
  const connection = await connect({ servers: nats_url, user, pass: password });
  const js = jetstream(connection);
  const watch = new Stopwatch(count, broker_pid);
  const work = async (message: JsMsg): Promise<void> => {
    watch.begin();
    await js.publish("given.stock", pass(message.data, "stock"));
    message.ack();
    watch.count();
  };
  const consumer = await js.consumers.get("TAKEN", "stock");
  const messages = await consumer.consume({ max_messages: IN_FLIGHT.stock, callback: (message) => void work(message) });
  const result = await watch.finished;
  await messages.close();
  await connection.drain();
  return result;
}

const operations = { run };
export type Operations = typeof operations;

serve(operations);
