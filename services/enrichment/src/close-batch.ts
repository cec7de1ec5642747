import {
  type Batch,
  type CloseReason,
  closeBatch,
  type Database,
  findBatch,
  lastClosedBatch,
  lockCamera,
  putDue,
  type Queryable,
  setBatchEvent,
} from "@gatehouse/store";
import { type BatchRules, continues, reasonToClose } from "./batching.ts";
import { SERVICE } from "./service-name.ts";

/** Closes an open batch, says which event it belongs to, and makes telling it due. Runs under the camera's row lock. */
export async function closeInto(tx: Queryable, batch: Batch, reason: CloseReason, now_ms: number): Promise<void> {
  await settleEvent(tx, batch);
  await closeBatch(tx, batch.batch_id, reason, now_ms);
  await putDue(tx, { service: SERVICE, kind: "tell", key: batch.batch_id, due_at_ms: now_ms, payload: null });
}

/** The event of a batch: its own, or the one before that it goes on with. Runs under the camera's row lock. */
export async function settleEvent(tx: Queryable, batch: Batch): Promise<{ event_id: string; continued: boolean }> {
  const before = batch.event_id === null ? await lastClosedBatch(tx, batch.camera_id) : null;
  const continued = before?.event_id != null && continues(before, batch);
  const event_id = batch.event_id ?? (continued ? before.event_id! : batch.batch_id);
  await setBatchEvent(tx, batch.batch_id, event_id);
  return { event_id, continued };
}

/** The batch of a due row, closed now if it still was open. Null when it is not due any more. */
export async function closedBatch(
  db: Database,
  batch_id: string,
  rules: BatchRules,
  now_ms: number,
): Promise<Batch | null> {
  return db.transaction(async (tx) => {
    const seen = await findBatch(tx, batch_id);
    if (seen?.state !== "open") return seen;
    await lockCamera(tx, seen.camera_id);
    const batch = (await findBatch(tx, batch_id))!;
    if (batch.state === "closed") return batch;
    if (batch.closes_at_ms > now_ms) return null;
    await settleEvent(tx, batch);
    await closeBatch(tx, batch_id, reasonToClose(batch, rules), now_ms);
    return findBatch(tx, batch_id);
  });
}
