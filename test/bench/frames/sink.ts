import { decodeBody } from "@gatehouse/events";
import type { Backing } from "@gatehouse/runtime";
import { connect } from "@nats-io/transport-node";
import { serve } from "../measure/actor.ts";
import { machineMs } from "../measure/clock.ts";
import { brokerOptions, type Path, type Sighting } from "./wire.ts";

const WITHIN_MS = 120_000;

const seen: Sighting[] = [];
let onSeen = (): void => {};

/** Notes each set of both paths as it comes. */
async function open({ backing, paths }: { backing: Backing; paths: readonly Path[] }): Promise<void> {
  const connection = await connect(brokerOptions(backing));
  for (const { root } of paths)
    connection.subscribe(`${root}.*.detections`, {
      callback: (_, { data }) => {
        const at_ms = machineMs();
        const { frame_id, skipped } = decodeBody(data).fields;
        seen.push({ frame_id: String(frame_id), at_ms, skipped: skipped as string | undefined });
        onSeen();
      },
    });
  await connection.flush();
}

/** The sets of a batch, when all have come. */
async function collect({ batch, count }: { batch: string; count: number }): Promise<Sighting[]> {
  const ours = () => seen.filter(({ frame_id }) => frame_id.startsWith(`${batch}-`));
  let have = ours().length;
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`${have} of ${count} frames of ${batch} came within ${WITHIN_MS} ms`)),
      WITHIN_MS,
    );
    onSeen = () => {
      have = ours().length;
      if (have < count) return;
      clearTimeout(late);
      resolve();
    };
    onSeen();
  });
  return ours();
}

const operations = { open, collect };
export type Operations = typeof operations;

serve(operations);
