import { cameraDetections, encode } from "@gatehouse/events";
import type { Backing } from "@gatehouse/runtime";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { brokerOptions, type Sighting } from "../frames/wire.ts";
import { serve } from "../measure/actor.ts";
import { machineMs } from "../measure/clock.ts";

/** Publishes sets of detections of a camera at a steady pace. */
async function paced({
  backing,
  camera_id,
  batch,
  count,
  every_ms,
}: {
  backing: Backing;
  camera_id: string;
  batch: string;
  count: number;
  every_ms: number;
}) {
  const connection = await connect(brokerOptions(backing));
  const js = jetstream(connection);
  const begin_ms = machineMs();
  const sent: Promise<Sighting>[] = [];
  for (let n = 0; n < count; n++) {
    const wait_ms = begin_ms + n * every_ms - machineMs();
    if (wait_ms > 0) await new Promise((resolve) => setTimeout(resolve, wait_ms));
    const set = { ...cameraDetections.example, camera_id, frame_id: `${batch}-${n}` };
    const at_ms = machineMs();
    sent.push(
      js.publish(`camera.${camera_id}.detections`, encode(set)).then(() => ({ frame_id: set.frame_id, at_ms })),
    );
  }
  const all = await Promise.all(sent);
  await connection.drain();
  return all;
}

const operations = { paced };
export type Operations = typeof operations;

serve(operations);
