import type { Queryable } from "./queryable.ts";

/** What a person thinks of an event. Written by gateway: one row for each person and event. */
export interface FeedbackRow {
  event_id: string;
  by: string;
  verdict: string;
  note: string | null;
  at_ms: number;
}

/** Notes that a person has seen the event; the first one counts. False when somebody had already. */
export async function acknowledgeEvent(db: Queryable, event_id: string, by: string, at_ms: number): Promise<boolean> {
  const written = await db.query(
    `insert into acknowledgements (event_id, "by", at_ms) values ($1, $2, $3) on conflict do nothing returning 1`,
    [event_id, by, at_ms],
  );
  return written.length > 0;
}

/** Keeps what a person thinks of an event, in place of what the same person said before. */
export async function putFeedback(db: Queryable, { event_id, by, verdict, note, at_ms }: FeedbackRow): Promise<void> {
  await db.query(
    `insert into feedback (event_id, "by", verdict, note, at_ms) values ($1, $2, $3, $4, $5)
     on conflict (event_id, "by") do update set verdict = excluded.verdict, note = excluded.note, at_ms = excluded.at_ms`,
    [event_id, by, verdict, note, at_ms],
  );
}

export function listFeedback(db: Queryable, event_id: string): Promise<FeedbackRow[]> {
  return db.query<FeedbackRow>('select * from feedback where event_id = $1 order by at_ms, "by"', [event_id]);
}
