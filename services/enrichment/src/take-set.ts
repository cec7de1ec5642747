import type { CameraDetections } from "@gatehouse/events";
import {
  type Batch,
  createBatch,
  extendBatch,
  findMember,
  insertMember,
  lockCamera,
  moveCamera,
  moveDue,
  openBatchOf,
  type Queryable,
} from "@gatehouse/store";
import { type BatchRules, firstTotals, isUrgent, overBefore, withSet } from "./batching.ts";
import { closeInto } from "./close-batch.ts";
import { SERVICE } from "./service-name.ts";

/** How a set is taken. `trace`: headers of the set's trace; what follows from a batch goes on in that of its first set. */
export interface Taking {
  rules: BatchRules;
  now_ms: number;
  trace: Readonly<Record<string, string>>;
}

/** Takes one set into the camera's open batch, in one transaction under the camera's row lock. Safe to repeat. */
export async function takeSet(tx: Queryable, set: CameraDetections, taking: Taking): Promise<void> {
  const { camera_id, frame_id, captured_at_ms, detections } = set;
  const { rules, now_ms, trace } = taking;
  await lockCamera(tx, camera_id);
  await moveCamera(tx, camera_id, captured_at_ms, frame_id);
  if (detections.length === 0 || (await findMember(tx, camera_id, frame_id))) return;
  const batch = await batchFor(tx, set, taking);
  const { batch_id } = batch;
  await insertMember(tx, { camera_id, frame_id, batch_id, captured_at_ms, boxes: detections.length, set });
  const due = { service: SERVICE, key: batch_id, trace };
  if (isUrgent(detections, rules) && batch.event_id === null)
    await moveDue(tx, { ...due, kind: "early", due_at_ms: now_ms });
  if (batch.detection_count >= rules.max_detections) return closeInto(tx, batch, { reason: "max_size", now_ms, trace });
  await moveDue(tx, { ...due, kind: "tell", due_at_ms: batch.closes_at_ms });
}

/** The open batch with the set counted in; a new one where there is none, or where it was over before this frame. */
async function batchFor(tx: Queryable, set: CameraDetections, { rules, now_ms, trace }: Taking): Promise<Batch> {
  const open = await openBatchOf(tx, set.camera_id);
  const reason = open && overBefore(open, set.captured_at_ms, rules);
  if (open && reason) await closeInto(tx, open, { reason, now_ms, trace });
  if (open && !reason) {
    const totals = withSet(open, set, rules, { opened_at_ms: open.opened_at_ms, now_ms });
    return (await extendBatch(tx, open.batch_id, totals))!;
  }
  const batch_id = `${set.camera_id}.${set.frame_id}`;
  return createBatch(tx, {
    batch_id,
    camera_id: set.camera_id,
    opened_at_ms: now_ms,
    ...firstTotals(set, rules, now_ms),
  });
}
