import type { CameraEvent } from "@gatehouse/events";
import type { Queryable } from "./queryable.ts";

/** One revision of an event. Written by enrichment, read by gateway. */
export interface EventRow {
  event_id: string;
  revision: number;
  camera_id: string;
  started_at_ms: number;
  /** When the revision was written, by the database's clock. */
  created_at_ms: number;
  /** The whole event, as it is published. */
  event: CameraEvent;
  /** Which prompt, model and version judged it. */
  facts: Record<string, unknown> | null;
  /** Where in its stream it was kept; null while it is not known to be published. */
  published_seq: number | null;
}

export const EVENT_COLUMNS = "event_id, revision, camera_id, started_at_ms, created_at_ms, event, facts, published_seq";

/** Writes a revision. False when it was there already: then that one counts. */
export async function insertRevision(
  tx: Queryable,
  event: CameraEvent,
  facts: Record<string, unknown> | null = null,
): Promise<boolean> {
  const written = await tx.query(
    `insert into events (event_id, revision, camera_id, started_at_ms, created_at_ms, labels, score, level, event, facts)
     values ($1, $2, $3, $4, now_ms(), $5, $6, $7, $8, $9) on conflict do nothing returning 1`,
    [
      event.event_id,
      event.revision,
      event.camera_id,
      event.started_at_ms,
      event.labels,
      event.risk.score,
      event.risk.level,
      JSON.stringify(event),
      facts && JSON.stringify(facts),
    ],
  );
  return written.length > 0;
}

export async function findRevision(db: Queryable, event_id: string, revision: number): Promise<EventRow | null> {
  const [row] = await db.query<EventRow>(`select ${EVENT_COLUMNS} from events where event_id = $1 and revision = $2`, [
    event_id,
    revision,
  ]);
  return row ?? null;
}

/** The newest revision of an event. */
export async function latestRevision(db: Queryable, event_id: string): Promise<EventRow | null> {
  const [row] = await db.query<EventRow>(
    `select ${EVENT_COLUMNS} from events where event_id = $1 order by revision desc limit 1`,
    [event_id],
  );
  return row ?? null;
}

/** Notes where a revision was kept; the first mark stays. */
export async function markEventPublished(
  db: Queryable,
  event_id: string,
  revision: number,
  seq: number,
): Promise<void> {
  await db.query(
    "update events set published_seq = $3 where event_id = $1 and revision = $2 and published_seq is null",
    [event_id, revision, seq],
  );
}

/** The revision that a cause wrote (`facts.cause`): an event has at most one for each. */
export async function findRevisionByCause(db: Queryable, event_id: string, cause: string): Promise<EventRow | null> {
  const [row] = await db.query<EventRow>(
    `select ${EVENT_COLUMNS} from events where event_id = $1 and facts ->> 'cause' = $2`,
    [event_id, cause],
  );
  return row ?? null;
}

/** Revisions of an event that are not known to be published, oldest first. */
export function unpublishedRevisions(db: Queryable, event_id: string): Promise<EventRow[]> {
  return db.query<EventRow>(
    `select ${EVENT_COLUMNS} from events where event_id = $1 and published_seq is null order by revision`,
    [event_id],
  );
}
