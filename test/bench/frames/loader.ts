import { encode } from "@gatehouse/events";
import type { Backing } from "@gatehouse/runtime";
import { type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { serve } from "../measure/actor.ts";
import { machineMs } from "../measure/clock.ts";
import { PICTURES, type Pictures, withComment } from "../measure/picture.ts";
import { brokerOptions, type Path, type Sighting } from "./wire.ts";

const PICTURES_OF_A_CAMERA = 16;
const CAMERAS = 8;
const AT_ONCE = 16;

let js: JetStreamClient;
/** What each camera sends, over and over. */
let shown: Uint8Array[][] = [];

/** Draws the pictures. */
async function open({ backing, bytes, pictures }: { backing: Backing; bytes: number; pictures: Pictures }) {
  js = jetstream(await connect(brokerOptions(backing)));
  const draw = (_: unknown, camera: number) => PICTURES[pictures](bytes, PICTURES_OF_A_CAMERA, camera);
  shown = await Promise.all(Array.from({ length: CAMERAS }, draw));
}

/** The nth frame of a batch: the cameras take turns. No two frames have the same bytes, as from a real camera. */
async function publish({ root }: Path, frame_id: string, n: number): Promise<Sighting> {
  const camera_id = `bench-${n % CAMERAS}`;
  const own = shown[n % CAMERAS]!;
  const image = withComment(own[Math.floor(n / CAMERAS) % own.length]!, frame_id);
  const body = encode({ frame_id, camera_id, captured_at_ms: Date.now(), media_type: "image/jpeg", image });
  const at_ms = machineMs();
  await js.publish(`${root}.${camera_id}.frame`, body, { msgID: `${camera_id}.${frame_id}` });
  return { frame_id, at_ms };
}

/** As many frames as the broker takes, 16 at once. */
async function burst({ path, batch, count }: { path: Path; batch: string; count: number }): Promise<Sighting[]> {
  const sent: Sighting[] = [];
  for (let n = 0; n < count; n += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - n) }, (_, i) =>
      publish(path, `${batch}-${n + i}`, n + i),
    );
    sent.push(...(await Promise.all(some)));
  }
  return sent;
}

export interface Pace {
  paths: readonly Path[];
  batch: string;
  /** Frames of each path. */
  count: number;
  every_ms: number;
}

/** One frame after the other at a steady pace, in turn through each path. */
async function paced({ paths, batch, count, every_ms }: Pace): Promise<Sighting[]> {
  const begin_ms = machineMs();
  const sent: Promise<Sighting>[] = [];
  for (let n = 0; n < count * paths.length; n++) {
    const wait_ms = begin_ms + n * every_ms - machineMs();
    if (wait_ms > 0) await new Promise((resolve) => setTimeout(resolve, wait_ms));
    const path = paths[n % paths.length]!;
    sent.push(publish(path, `${batch}-${path.name}-${n}`, Math.floor(n / paths.length)));
  }
  return Promise.all(sent);
}

const operations = { open, burst, paced };
export type Operations = typeof operations;

serve(operations);
