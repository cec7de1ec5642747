import type { CameraEvent } from "@gatehouse/events";
import type { Queryable } from "./queryable.ts";

/** An event as it is known now, with the camera's name. */
export interface ToldEvent extends CameraEvent {
  camera_name: string;
}

/** What happened in a time. */
export interface EventsTold {
  count: number;
  /** How many of them are `high` or `critical`. */
  serious: number;
  /** The most serious first; of those alike the latest. */
  worst: ToldEvent[];
}

/** The events that were first told after one time and until another, wall clock: how many, and the `most` most serious. */
export async function eventsTold(
  db: Queryable,
  { after_ms, until_ms, most }: { after_ms: number; until_ms: number; most: number },
): Promise<EventsTold> {
  const rows = await db.query<{ event: CameraEvent; camera_name: string; count: number; serious: number }>(
    `select last.event, coalesce(c.name, first.camera_id) as camera_name, (count(*) over ())::int as count,
       (count(*) filter (where last.level in ('high', 'critical')) over ())::int as serious
     from events first
     join lateral (select event, score, level from events where event_id = first.event_id
                   order by revision desc limit 1) last on true
     left join cameras c on c.camera_id = first.camera_id
     where first.revision = 0 and first.created_at_ms > $1 and first.created_at_ms <= $2
     order by last.score desc nulls last, first.created_at_ms desc, first.event_id limit $3`,
    [after_ms, until_ms, most],
  );
  const { count = 0, serious = 0 } = rows[0] ?? {};
  return { count, serious, worst: rows.map(({ event, camera_name }) => ({ ...event, camera_name })) };
}
