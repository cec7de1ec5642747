import { encode } from "@gatehouse/events";
import type { Backing } from "@gatehouse/runtime";
import { type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { serve } from "../measure/actor.ts";
import { machineMs } from "../measure/clock.ts";
import { noisyPicture } from "../measure/picture.ts";
import { brokerOptions, type Path, type Sighting } from "./wire.ts";

const PICTURES = 16;
const CAMERAS = 8;
const AT_ONCE = 16;

let js: JetStreamClient;
let pictures: Uint8Array[] = [];

/** Draws the pictures; every frame is one of them. */
async function open({ backing, bytes }: { backing: Backing; bytes: number }): Promise<void> {
  js = jetstream(await connect(brokerOptions(backing)));
  pictures = await Promise.all(Array.from({ length: PICTURES }, (_, seed) => noisyPicture(bytes, seed + 1)));
}

async function publish({ root }: Path, frame_id: string, n: number): Promise<Sighting> {
  const camera_id = `bench-${n % CAMERAS}`;
  const image = pictures[n % PICTURES]!;
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

/** One frame after the other at a steady pace, in turn through each path. */
async function paced({
  paths,
  batch,
  count,
  every_ms,
}: {
  paths: Path[];
  batch: string;
  count: number;
  every_ms: number;
}) {
  const begin_ms = machineMs();
  const sent: Promise<Sighting>[] = [];
  for (let n = 0; n < count * paths.length; n++) {
    const wait_ms = begin_ms + n * every_ms - machineMs();
    if (wait_ms > 0) await new Promise((resolve) => setTimeout(resolve, wait_ms));
    const path = paths[n % paths.length]!;
    sent.push(publish(path, `${batch}-${path.name}-${n}`, n));
  }
  return Promise.all(sent);
}

const operations = { open, burst, paced };
export type Operations = typeof operations;

serve(operations);
