import type { CameraDetections } from "@gatehouse/events";
import {
  type Batch,
  createBatch,
  extendBatch,
  findMember,
  insertMember,
  lockCamera,
  moveCamera,
  openBatchOf,
  putDue,
  type Queryable,
} from "@gatehouse/store";
import { type BatchRules, firstTotals, isUrgent, overBefore, withSet } from "./batching.ts";
import { closeInto } from "./close-batch.ts";
import { SERVICE } from "./service-name.ts";

/** Takes one set into the camera's open batch, in one transaction under the camera's row lock. Safe to repeat. */
export async function takeSet(tx: Queryable, set: CameraDetections, rules: BatchRules, now_ms: number): Promise<void> {
  const { camera_id, frame_id, captured_at_ms, detections } = set;
  await lockCamera(tx, camera_id);
  await moveCamera(tx, camera_id, captured_at_ms, frame_id);
  if (detections.length === 0 || (await findMember(tx, camera_id, frame_id))) return;
  const batch = await batchFor(tx, set, rules, now_ms);
  await insertMember(tx, {
    camera_id,
    frame_id,
    batch_id: batch.batch_id,
    captured_at_ms,
    boxes: detections.length,
    set,
  });
  if (batch.detection_count >= rules.max_detections) return closeInto(tx, batch, "max_size", now_ms);
  await putDue(tx, {
    service: SERVICE,
    kind: "tell",
    key: batch.batch_id,
    due_at_ms: batch.closes_at_ms,
    payload: null,
  });
  if (isUrgent(detections, rules) && batch.event_id === null)
    await putDue(tx, { service: SERVICE, kind: "early", key: batch.batch_id, due_at_ms: now_ms, payload: null });
}

/** The open batch with the set counted in; a new one where there is none, or where it was over before this frame. */
async function batchFor(tx: Queryable, set: CameraDetections, rules: BatchRules, now_ms: number): Promise<Batch> {
  const open = await openBatchOf(tx, set.camera_id);
  const over = open && overBefore(open, set.captured_at_ms, rules);
  if (open && over) await closeInto(tx, open, over, now_ms);
  if (open && !over) {
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
