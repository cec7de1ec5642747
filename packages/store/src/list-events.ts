import { decodeCursor, type Page, toPage } from "./cursor.ts";
import { EVENT_COLUMNS, type EventRow } from "./events.ts";
import type { Queryable } from "./queryable.ts";

/** The newest revision of an event, and who has seen it. */
export interface ListedEvent extends EventRow {
  acknowledged_by: string | null;
  acknowledged_at_ms: number | null;
}

export interface EventFilter {
  camera_id?: string;
  label?: string;
  level?: "low" | "medium" | "high" | "critical";
  /** Risk score, 0..100; unscored events do not match. */
  min_score?: number;
  /** Started at or after. */
  since_ms?: number;
  /** Started before. */
  until_ms?: number;
  /** Words of the summary, as one types them into a search box: `"red van" -postman`. */
  text?: string;
  limit: number;
  cursor?: string | null;
}

const LATEST = `select ${EVENT_COLUMNS}, a."by" as acknowledged_by, a.at_ms as acknowledged_at_ms
  from events e left join acknowledgements a using (event_id)
  where not exists (select 1 from events n where n.event_id = e.event_id and n.revision > e.revision)`;

/** The newest revision of each event that matches, newest started first. @throws {BadCursorError} */
export async function listEvents(db: Queryable, filter: EventFilter): Promise<Page<ListedEvent>> {
  const values: unknown[] = [];
  const given = (value: unknown) => `$${values.push(value)}`;
  const wanted: string[] = [];
  if (filter.camera_id !== undefined) wanted.push(`camera_id = ${given(filter.camera_id)}`);
  if (filter.label !== undefined) wanted.push(`labels @> array[${given(filter.label)}::text]`);
  if (filter.level !== undefined) wanted.push(`level = ${given(filter.level)}`);
  if (filter.min_score !== undefined) wanted.push(`score >= ${given(filter.min_score)}`);
  if (filter.since_ms !== undefined) wanted.push(`started_at_ms >= ${given(filter.since_ms)}`);
  if (filter.until_ms !== undefined) wanted.push(`started_at_ms < ${given(filter.until_ms)}`);
  if (filter.text !== undefined) wanted.push(`words @@ websearch_to_tsquery('english', ${given(filter.text)})`);
  if (filter.cursor)
    wanted.push(`(started_at_ms, event_id) < (${decodeCursor(filter.cursor, 1).map(given).join(", ")})`);
  const rows = await db.query<ListedEvent>(
    `${LATEST} ${wanted.map((condition) => `and ${condition}`).join(" ")}
     order by started_at_ms desc, event_id desc limit ${given(filter.limit + 1)}`,
    values,
  );
  return toPage(rows, filter.limit, (row) => [row.started_at_ms, row.event_id]);
}

/** The newest revision of one event, and who has seen it. */
export async function findEvent(db: Queryable, event_id: string): Promise<ListedEvent | null> {
  const [row] = await db.query<ListedEvent>(`${LATEST} and event_id = $1`, [event_id]);
  return row ?? null;
}
