import type { Backing } from "@gatehouse/runtime";
import { decode, Encoder } from "@msgpack/msgpack";
import { AckPolicy, type JetStreamClient, type JsMsg, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { Pool } from "undici";
import { brokerOptions } from "../frames/wire.ts";
import { serve } from "../measure/actor.ts";
import { modelStream } from "./model-stream.ts";
import { tokensAsked } from "./wire.ts";

const AT_ONCE = 256;
const encoder = new Encoder();

/** The relay by hand: take a question, ask the model, publish each token as a message of its own, ack. Nothing is kept, ordered, fenced or tried again. */
async function start({ backing, model_url }: { backing: Backing; model_url: string }): Promise<void> {
  const connection = await connect(brokerOptions(backing));
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "RELAY_QUESTIONS", subjects: ["relay.question.*"] });
  await manager.streams.add({ name: "RELAY_TOKENS", subjects: ["relay.token.*"] });
  await manager.consumers.add("RELAY_QUESTIONS", { durable_name: "relay", ack_policy: AckPolicy.Explicit });
  const js = jetstream(connection);
  const pool = new Pool(model_url, { connections: AT_ONCE });
  const consumer = await js.consumers.get("RELAY_QUESTIONS", "relay");
  await consumer.consume({ max_messages: AT_ONCE, callback: (message) => void relay(message, pool, js) });
}

async function relay(message: JsMsg, pool: Pool, js: JetStreamClient): Promise<void> {
  const { request_id, message: question } = decode(message.data) as { request_id: string; message: string };
  const kept: Promise<unknown>[] = [];
  const publish = (fields: object): void => {
    const body = encoder.encode({ request_id, seq: kept.length, ...fields });
    kept.push(js.publish(`relay.token.${request_id}`, body));
  };
  for await (const content of modelStream(pool, tokensAsked(question))) publish({ content, done: false });
  publish({ content: "", done: true });
  await Promise.all(kept);
  message.ack();
}

const operations = { start };
export type Operations = typeof operations;

serve(operations);
