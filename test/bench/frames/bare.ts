import type { Backing } from "@gatehouse/runtime";
import { decode, Encoder } from "@msgpack/msgpack";
import { AckPolicy, type JsMsg, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import sharp from "sharp";
import { Pool } from "undici";
import { serve } from "../measure/actor.ts";
import { brokerOptions, type Path } from "./wire.ts";

const IN_FLIGHT = 16;
const GRAY_SIDE = 160;
const encoder = new Encoder();

/** What the chain by hand does. */
export interface BareOrder {
  backing: Backing;
  path: Path;
  /** Whether it decodes the picture, to the small one that ours looks at. */
  decodes: boolean;
  /** Null: no detector is asked. */
  detector_url: string | null;
}

/** The chain by hand: take a frame, decode its picture, ask the detector, publish, ack. Nothing is kept, checked, counted or tried again. */
async function start({ backing, path: { name, root }, decodes, detector_url }: BareOrder): Promise<void> {
  sharp.cache(false);
  sharp.concurrency(1);
  const connection = await connect(brokerOptions(backing));
  const manager = await jetstreamManager(connection);
  const stream = `BY_HAND_${name}`;
  await manager.streams.add({ name: stream, subjects: [`${root}.*.frame`], retention: "workqueue" });
  await manager.streams.add({ name: `${stream}_SETS`, subjects: [`${root}.*.detections`] });
  await manager.consumers.add(stream, { durable_name: name, ack_policy: AckPolicy.Explicit });
  const js = jetstream(connection);
  const pool = detector_url === null ? null : new Pool(detector_url, { connections: IN_FLIGHT });
  const work = async (message: JsMsg): Promise<void> => {
    const frame = decode(message.data) as { frame_id: string; camera_id: string; image: Uint8Array };
    const size = decodes ? await decodeSmall(frame.image) : {};
    const answer = pool ? await ask(pool, frame.image) : {};
    const set = { frame_id: frame.frame_id, camera_id: frame.camera_id, ...size, ...answer };
    await js.publish(`${root}.${frame.camera_id}.detections`, encoder.encode(set));
    message.ack();
  };
  const consumer = await js.consumers.get(stream, name);
  await consumer.consume({ max_messages: IN_FLIGHT, callback: (message) => void work(message) });
}

async function decodeSmall(image: Uint8Array): Promise<{ width: number; height: number }> {
  const small = sharp(image).resize(GRAY_SIDE, GRAY_SIDE, { fit: "inside", kernel: "linear" });
  const { info } = await small.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height };
}

async function ask(pool: Pool, image: Uint8Array): Promise<object> {
  const headers = { "content-type": "image/jpeg" };
  const { body } = await pool.request({ method: "POST", path: "/detect", headers, body: Buffer.from(image) });
  return (await body.json()) as object;
}

const operations = { start };
export type Operations = typeof operations;

serve(operations);
