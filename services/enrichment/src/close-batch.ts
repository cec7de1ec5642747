import {
  type Batch,
  type CloseReason,
  closeBatch,
  type Database,
  findBatch,
  lastClosedBatch,
  lockCamera,
  moveDue,
  type Queryable,
  setBatchEvent,
} from "@gatehouse/store";
import { type BatchRules, continues, reasonToClose } from "./batching.ts";
import { SERVICE } from "./service-name.ts";

/** Why and when a batch is closed, and by what: the headers of a trace, or none. */
export interface Closing {
  reason: CloseReason;
  now_ms: number;
  trace: Readonly<Record<string, string>>;
}

/** Closes an open batch, says which event it belongs to, and makes telling it due. Runs under the camera's row lock. */
export async function closeInto(tx: Queryable, batch: Batch, { reason, now_ms, trace }: Closing): Promise<void> {
  await settleEvent(tx, batch);
  await closeBatch(tx, batch.batch_id, reason, now_ms);
  await moveDue(tx, { service: SERVICE, kind: "tell", key: batch.batch_id, due_at_ms: now_ms, trace });
}

/** The event of a batch: its own, or that of the one before that it goes on with. Runs under the camera's row lock. */
export async function settleEvent(tx: Queryable, batch: Batch): Promise<string> {
  if (batch.event_id !== null) return batch.event_id;
  const before = await lastClosedBatch(tx, batch.camera_id);
  const event_id = before?.event_id && continues(before, batch) ? before.event_id : batch.batch_id;
  await setBatchEvent(tx, batch.batch_id, event_id);
  return event_id;
}

/**
 * Closes a batch if its time has come. It is still open where that was moved meanwhile, or where this clock is behind
 * the database's. Null: it is not kept any more.
 */
export async function closeIfOver(
  db: Database,
  batch_id: string,
  rules: BatchRules,
  now_ms: number,
): Promise<Batch | null> {
  return db.transaction(async (tx) => {
    const seen = await findBatch(tx, batch_id);
    if (seen?.state !== "open") return seen;
    await lockCamera(tx, seen.camera_id);
    const batch = await findBatch(tx, batch_id);
    if (batch?.state !== "open" || batch.closes_at_ms > now_ms) return batch;
    await settleEvent(tx, batch);
    return closeBatch(tx, batch_id, reasonToClose(batch, rules), now_ms);
  });
}
