import type { Queryable } from "./queryable.ts";

export type CloseReason = "timeout" | "idle" | "max_size";

/** What a batch adds up to. Changes under the camera's row lock. */
export interface BatchTotals {
  /** When it must be closed at the latest, as things are. */
  closes_at_ms: number;
  /** Captured time of its first and last frame with a kept box. */
  started_at_ms: number;
  last_at_ms: number;
  /** Kept boxes. */
  detection_count: number;
  /** Kept boxes by label. */
  labels: Record<string, number>;
  confidence_sum: number;
  max_confidence: number;
  /** The event that it belongs to, once that is known. */
  event_id: string | null;
}

export interface NewBatch extends BatchTotals {
  batch_id: string;
  camera_id: string;
  opened_at_ms: number;
}

/** Detections of one camera that belong together. Written by enrichment. At most one of a camera is open. */
export interface Batch extends NewBatch {
  state: "open" | "closed";
  closed_at_ms: number | null;
  close_reason: CloseReason | null;
}

/** Opens a batch. The camera must have no open one. */
export async function createBatch(tx: Queryable, batch: NewBatch): Promise<Batch> {
  const [row] = await tx.query<Batch>(
    `insert into batches (batch_id, camera_id, state, opened_at_ms, closes_at_ms, started_at_ms, last_at_ms,
                          detection_count, labels, confidence_sum, max_confidence, event_id)
     values ($1, $2, 'open', $3, $4, $5, $6, $7, $8, $9, $10, $11) returning *`,
    [batch.batch_id, batch.camera_id, batch.opened_at_ms, ...totalsOf(batch)],
  );
  return row!;
}

/** Replaces the totals of an open batch. Null when it is not open any more. */
export async function extendBatch(tx: Queryable, batch_id: string, totals: BatchTotals): Promise<Batch | null> {
  const [row] = await tx.query<Batch>(
    `update batches set closes_at_ms = $2, started_at_ms = $3, last_at_ms = $4, detection_count = $5, labels = $6,
                        confidence_sum = $7, max_confidence = $8, event_id = $9
     where batch_id = $1 and state = 'open' returning *`,
    [batch_id, ...totalsOf(totals)],
  );
  return row ?? null;
}

/** Closes an open batch. Null when it is not open any more: somebody else closed it. */
export async function closeBatch(
  tx: Queryable,
  batch_id: string,
  reason: CloseReason,
  at_ms: number,
): Promise<Batch | null> {
  const [row] = await tx.query<Batch>(
    `update batches set state = 'closed', close_reason = $2, closed_at_ms = $3
     where batch_id = $1 and state = 'open' returning *`,
    [batch_id, reason, at_ms],
  );
  return row ?? null;
}

/** Says which event a batch belongs to, open or closed. */
export async function setBatchEvent(tx: Queryable, batch_id: string, event_id: string): Promise<void> {
  await tx.query("update batches set event_id = $2 where batch_id = $1", [batch_id, event_id]);
}

export async function findBatch(db: Queryable, batch_id: string): Promise<Batch | null> {
  const [row] = await db.query<Batch>("select * from batches where batch_id = $1", [batch_id]);
  return row ?? null;
}

export async function openBatchOf(tx: Queryable, camera_id: string): Promise<Batch | null> {
  const [row] = await tx.query<Batch>("select * from batches where camera_id = $1 and state = 'open'", [camera_id]);
  return row ?? null;
}

/** The batches of an event, by the time they began. */
export function batchesOfEvent(db: Queryable, event_id: string): Promise<Batch[]> {
  return db.query<Batch>("select * from batches where event_id = $1 order by started_at_ms, batch_id", [event_id]);
}

/** The closed batch of a camera that ended last, by captured time. */
export async function lastClosedBatch(tx: Queryable, camera_id: string): Promise<Batch | null> {
  const [row] = await tx.query<Batch>(
    "select * from batches where camera_id = $1 and state = 'closed' order by last_at_ms desc limit 1",
    [camera_id],
  );
  return row ?? null;
}

function totalsOf(batch: BatchTotals): unknown[] {
  return [
    batch.closes_at_ms,
    batch.started_at_ms,
    batch.last_at_ms,
    batch.detection_count,
    JSON.stringify(batch.labels),
    batch.confidence_sum,
    batch.max_confidence,
    batch.event_id,
  ];
}
