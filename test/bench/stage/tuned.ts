import { type JsMsg, jetstream } from "@nats-io/jetstream";
import { createInbox, type Msg, type NatsConnection } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { serve } from "../measure/actor.ts";
import { pass } from "./codec.ts";
import { Stopwatch } from "./stopwatch.ts";
import { IN_FLIGHT, type StageResult, type StageRun } from "./wire.ts";

/**
 * By hand, with all that is known to be fast: a callback, no traces, one inbox for all publish acknowledgements, acks
 * gathered per turn of the event loop. No message id, no deadline, no second try: no guarantees.
 */
async function run({ nats_url, user, password, broker_pid, count }: StageRun): Promise<StageResult> {
  const connection = await connect({ servers: nats_url, user, pass: password, noAsyncTraces: true });
  const watch = new Stopwatch(count, broker_pid);
  const publish = publisher(connection);
  let settled: JsMsg[] = [];
  const flush = (): void => {
    for (const message of settled) message.ack();
    settled = [];
  };
  const work = async (message: JsMsg): Promise<void> => {
    watch.begin();
    await publish("given.tuned", pass(message.data, "tuned"));
    if (settled.length === 0) setImmediate(flush);
    settled.push(message);
    watch.count();
  };
  const consumer = await jetstream(connection).consumers.get("TAKEN", "tuned");
  const messages = await consumer.consume({ max_messages: IN_FLIGHT.tuned, callback: (message) => void work(message) });
  const result = await watch.finished;
  await messages.close();
  await connection.drain();
  return result;
}

function publisher(connection: NatsConnection): (subject: string, body: Uint8Array) => Promise<void> {
  const inbox = createInbox();
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  let last = 0;
  const onAck = (error: Error | null, message: Msg): void => {
    const publish = waiting.get(message.subject);
    waiting.delete(message.subject);
    if (error || !message.string().startsWith('{"stream"')) publish?.reject(new Error(message.string()));
    else publish?.resolve();
  };
  connection.subscribe(`${inbox}.*`, { callback: onAck });
  return (subject, body) => {
    const reply = `${inbox}.${(++last).toString(36)}`;
    const publish = Promise.withResolvers<void>();
    waiting.set(reply, publish);
    connection.publish(subject, body, { reply });
    return publish.promise;
  };
}

const operations = { run };
export type Operations = typeof operations;

serve(operations);
