import type { Backing } from "@gatehouse/runtime";
import { decode, Encoder } from "@msgpack/msgpack";
import { AckPolicy, type JsMsg, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import sharp from "sharp";
import { Pool } from "undici";
import { serve } from "../measure/actor.ts";
import { brokerOptions } from "./wire.ts";

const IN_FLIGHT = 16;
const encoder = new Encoder();

/**
 * The chain by hand: take a frame, decode its picture to grey, ask the detector where one is given, publish, ack.
 * Nothing is kept, checked, counted or tried again.
 */
async function start({ backing, detector_url }: { backing: Backing; detector_url: string | null }): Promise<void> {
  const connection = await connect(brokerOptions(backing));
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "BARE_FRAMES", subjects: ["bare.*.frame"], retention: "workqueue" });
  await manager.streams.add({ name: "BARE_SETS", subjects: ["bare.*.detections"] });
  await manager.consumers.add("BARE_FRAMES", { durable_name: "bare", ack_policy: AckPolicy.Explicit });
  const js = jetstream(connection);
  const pool = detector_url === null ? null : new Pool(detector_url, { connections: IN_FLIGHT });
  const work = async (message: JsMsg): Promise<void> => {
    const frame = decode(message.data) as { frame_id: string; camera_id: string; image: Uint8Array };
    const { info } = await sharp(frame.image).greyscale().raw().toBuffer({ resolveWithObject: true });
    const answer = pool ? await ask(pool, frame.image) : {};
    const set = {
      frame_id: frame.frame_id,
      camera_id: frame.camera_id,
      width: info.width,
      height: info.height,
      ...answer,
    };
    await js.publish(`bare.${frame.camera_id}.detections`, encoder.encode(set));
    message.ack();
  };
  const consumer = await js.consumers.get("BARE_FRAMES", "bare");
  await consumer.consume({ max_messages: IN_FLIGHT, callback: (message) => void work(message) });
}

async function ask(pool: Pool, image: Uint8Array): Promise<object> {
  const headers = { "content-type": "image/jpeg" };
  const { body } = await pool.request({ method: "POST", path: "/detect", headers, body: Buffer.from(image) });
  return (await body.json()) as object;
}

const operations = { start };
export type Operations = typeof operations;

serve(operations);
