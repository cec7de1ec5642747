import type { Queryable } from "./queryable.ts";

/** Work to be done at a time. Written by the service that does it, in the transaction of the state it belongs to. */
export interface NewDue {
  service: string;
  kind: string;
  key: string;
  /** Wall clock. */
  due_at_ms: number;
  payload: unknown;
}

/**
 * Makes work due, in place of what was due under the same key. Whoever is at work on the older one goes on, but may
 * not remove this one.
 */
export async function putDue(tx: Queryable, { service, kind, key, due_at_ms, payload }: NewDue): Promise<void> {
  await tx.query(
    `insert into due (service, kind, key, due_at_ms, payload) values ($1, $2, $3, $4, $5)
     on conflict (service, kind, key) do update set due_at_ms = excluded.due_at_ms, payload = excluded.payload,
       version = due.version + 1, failures = 0, first_refused_at_ms = null`,
    [service, kind, key, due_at_ms, JSON.stringify(payload ?? null)],
  );
}

/** Makes work due at another time: what is there keeps its payload, the given one serves where nothing is. */
export async function moveDue(tx: Queryable, { service, kind, key, due_at_ms, payload }: NewDue): Promise<void> {
  await tx.query(
    `insert into due (service, kind, key, due_at_ms, payload) values ($1, $2, $3, $4, $5)
     on conflict (service, kind, key) do update set due_at_ms = excluded.due_at_ms,
       version = due.version + 1, failures = 0, first_refused_at_ms = null`,
    [service, kind, key, due_at_ms, JSON.stringify(payload ?? null)],
  );
}

/** Nothing is due under this key any more. */
export async function dropDue(
  tx: Queryable,
  { service, kind, key }: Omit<NewDue, "due_at_ms" | "payload">,
): Promise<void> {
  await tx.query("delete from due where service = $1 and kind = $2 and key = $3", [service, kind, key]);
}

/** When a service's next row can be claimed; null without any. May be in the past. */
export async function nextDueAt(db: Queryable, service: string): Promise<number | null> {
  const [row] = await db.query<{ at_ms: number | null }>(
    "select min(greatest(due_at_ms, coalesce(lease_until_ms, 0))) as at_ms from due where service = $1",
    [service],
  );
  return row!.at_ms;
}

/** Rows of a service, due now or later. */
export async function countDue(db: Queryable, service: string): Promise<number> {
  const [row] = await db.query<{ count: number }>("select count(*) as count from due where service = $1", [service]);
  return row!.count;
}
