import type { Queryable } from "./queryable.ts";

const HOUR_MS = 3_600_000;
/** Dead letters of one camera and code that are kept in an hour; of the others only the count is. */
const DEAD_KEPT_PER_HOUR = 100;
const MOST_LISTED = 100;

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

/**
 * One more dead letter of a subject within the hour, and what takes it back when the letter could not be kept. What a
 * camera sends or is told is counted by its id, anything else by its whole subject.
 */
export async function countDeadLetter(
  db: Queryable,
  subject: string,
  code: string,
  at_ms: number,
): Promise<{ count: number; undo(): Promise<void> }> {
  const [first, second] = subject.split(".");
  const camera_id = first === "camera" && second ? second : subject;
  const count = await countDead(db, camera_id, code, at_ms);
  return { count, undo: () => uncountDead(db, camera_id, code, at_ms) };
}

/** Dead letters of which only the count was kept. */
export interface OnlyCounted {
  /** A camera's id, or the whole subject of what is no camera's. */
  camera_id: string;
  code: string;
  /** When the hour began, epoch ms. */
  hour_ms: number;
  only_counted: number;
}

/** Where more came than were kept, newest hour first, 100 at most. Counts are forgotten after a day. */
export function listOnlyCounted(db: Queryable, { code }: { code?: string } = {}): Promise<OnlyCounted[]> {
  return db.query<OnlyCounted>(
    `select camera_id, code, hour_ms, count - $1 as only_counted from dead_counts
     where count > $1 and code = coalesce($2, code) order by hour_ms desc, camera_id, code limit $3`,
    [DEAD_KEPT_PER_HOUR, code ?? null, MOST_LISTED],
  );
}
