import type { Queryable } from "./queryable.ts";

/** When a schedule comes next. Written by pipeline-bridge. */
export interface PipelineSchedule {
  name: string;
  cron: string;
  timezone: string;
  next_at_ms: number;
}

/** The schedule of that name, and what time it is by the database's clock; null when there is none. */
export async function findSchedule(
  db: Queryable,
  name: string,
): Promise<(PipelineSchedule & { now_ms: number }) | null> {
  const [row] = await db.query<PipelineSchedule & { now_ms: number }>(
    "select *, now_ms() as now_ms from pipeline_schedules where name = $1",
    [name],
  );
  return row ?? null;
}

/** Puts a schedule down as new or changed. False, and it keeps its time, when it is there with the same cron and zone. */
export async function putSchedule(tx: Queryable, schedule: PipelineSchedule): Promise<boolean> {
  const { name, cron, timezone, next_at_ms } = schedule;
  const put = await tx.query(
    `insert into pipeline_schedules as s (name, cron, timezone, next_at_ms) values ($1, $2, $3, $4)
     on conflict (name) do update set cron = excluded.cron, timezone = excluded.timezone, next_at_ms = excluded.next_at_ms
     where (s.cron, s.timezone) <> (excluded.cron, excluded.timezone) returning 1`,
    [name, cron, timezone, next_at_ms],
  );
  return put.length > 0;
}

/** Has a schedule come next at another time. False when it did not wait for the time that the caller saw any more. */
export async function advanceSchedule(tx: Queryable, seen: PipelineSchedule, next_at_ms: number): Promise<boolean> {
  const { name, cron, timezone } = seen;
  const moved = await tx.query(
    `update pipeline_schedules set next_at_ms = $5
     where name = $1 and cron = $2 and timezone = $3 and next_at_ms = $4 returning 1`,
    [name, cron, timezone, seen.next_at_ms, next_at_ms],
  );
  return moved.length > 0;
}

/** Takes away the schedules that are not among these. Gives the names of those that went. */
export async function removeSchedulesBut(tx: Queryable, names: readonly string[]): Promise<string[]> {
  const gone = await tx.query<{ name: string }>(
    "delete from pipeline_schedules where name <> all($1::text[]) returning name",
    [names],
  );
  return gone.map(({ name }) => name);
}
