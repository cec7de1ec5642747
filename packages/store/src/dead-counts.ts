import type { Queryable } from "./queryable.ts";

const HOUR_MS = 3_600_000;

/**
 * Counts a dead letter and gives how many of this camera and code there are in its hour, this one included.
 * Written by every service that dead-letters; after 100 in an hour only this count is kept.
 */
export async function countDead(db: Queryable, camera_id: string, code: string, at_ms: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `insert into dead_counts (camera_id, code, hour_ms, count) values ($1, $2, $3, 1)
     on conflict (camera_id, code, hour_ms) do update set count = dead_counts.count + 1 returning count`,
    [camera_id, code, hourOf(at_ms)],
  );
  return row!.count;
}

/** Takes a count back whose dead letter could not be kept: it comes again, and would be counted twice. */
export async function uncountDead(db: Queryable, camera_id: string, code: string, at_ms: number): Promise<void> {
  await db.query("update dead_counts set count = count - 1 where camera_id = $1 and code = $2 and hour_ms = $3", [
    camera_id,
    code,
    hourOf(at_ms),
  ]);
}

const hourOf = (at_ms: number): number => Math.floor(at_ms / HOUR_MS) * HOUR_MS;

/** One more dead letter of a subject within the hour, and what takes it back when the letter could not be kept. */
export async function countDeadLetter(
  db: Queryable,
  subject: string,
  code: string,
  at_ms: number,
): Promise<{ count: number; undo(): Promise<void> }> {
  const camera_id = subject.split(".")[1] ?? subject;
  const count = await countDead(db, camera_id, code, at_ms);
  return { count, undo: () => uncountDead(db, camera_id, code, at_ms) };
}
