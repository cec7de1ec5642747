import { PREPARED, type Queryable } from "./queryable.ts";

/** Work to be done at a time. Written by the service that does it, in the transaction of the state it belongs to. */
export interface NewDue {
  service: string;
  kind: string;
  key: string;
  /** Wall clock. */
  due_at_ms: number;
  payload?: unknown;
  /** Headers of the trace that it goes on in. */
  trace?: Readonly<Record<string, string>>;
}

/**
 * Microseconds since the epoch, so that no later row of a key has the version of one that went: under its version a row is
 * given up once.
 */
export const FIRST_VERSION = "(extract(epoch from clock_timestamp()) * 1000000)::bigint";

/** The service whose work others write too: gateway puts documents and failed answers back. */
export const CHAT_HANDLER = "chat-handler";

/** The service whose work others write too: gateway puts ended runs back. */
export const PIPELINE_BRIDGE = "pipeline-bridge";

/** What an insert into `due` does where the key is due already: a row that is written again. */
export const DUE_AGAIN = `on conflict (service, kind, key) do update set due_at_ms = excluded.due_at_ms,
       version = due.version + 1, failures = 0, first_refused_at_ms = null`;

/**
 * Makes work due, in place of what was due under the same key. Whoever is at work on the older one goes on, but may
 * not remove this one. How often the key's work killed its process is not forgotten.
 */
export function putDue(tx: Queryable, due: NewDue): Promise<void> {
  return writeDue(tx, due, "payload = excluded.payload, trace = excluded.trace");
}

/** Makes work due at another time: what is there keeps its payload and trace, the given ones serve where nothing is. */
export function moveDue(tx: Queryable, due: NewDue): Promise<void> {
  return writeDue(tx, due, "payload = due.payload");
}

/**
 * Sees to it that somebody looks after what was committed before: makes work due unless it waits already, at whatever time.
 * Whoever is at work on it may have looked before, so it comes again. Not for a transaction: what it wrote would not be seen.
 */
export async function ensureDue(db: Queryable, { service, kind, key, due_at_ms }: NewDue): Promise<void> {
  await db.query(
    `insert into due (service, kind, key, due_at_ms, payload, trace, version)
     values ($1, $2, $3, $4, 'null', '{}', ${FIRST_VERSION})
     ${DUE_AGAIN} where due.lease_token is not null`,
    [service, kind, key, due_at_ms],
  );
}

async function writeDue(
  tx: Queryable,
  { service, kind, key, due_at_ms, payload = null, trace = {} }: NewDue,
  replace: string,
): Promise<void> {
  await tx.query(
    `insert into due (service, kind, key, due_at_ms, payload, trace, version)
     values ($1, $2, $3, $4, $5, $6, ${FIRST_VERSION})
     ${DUE_AGAIN}, ${replace}`,
    [service, kind, key, due_at_ms, JSON.stringify(payload), JSON.stringify(trace)],
    PREPARED,
  );
}

/** Work that was given up, and the version of the row that it was. */
export type GivenUpDue = Omit<NewDue, "due_at_ms"> & { version: number };

/**
 * Makes work that was given up due now, as if it had never failed: also where its row was not removed yet, which whoever
 * gives it up may then not do any more. False, and nothing is done, when its key is due anyway.
 */
export async function putBackDue(
  tx: Queryable,
  { service, kind, key, payload = null, trace = {}, version }: GivenUpDue,
): Promise<boolean> {
  const put = await tx.query(
    `insert into due (service, kind, key, due_at_ms, payload, trace, version)
     values ($1, $2, $3, now_ms(), $4, $5, ${FIRST_VERSION})
     on conflict (service, kind, key) do update set due_at_ms = excluded.due_at_ms, version = due.version + 1,
       failures = 0, crashes = 0, first_refused_at_ms = null where due.version = $6
     returning 1`,
    [service, kind, key, JSON.stringify(payload), JSON.stringify(trace), version],
  );
  return put.length > 0;
}

/** Nothing is due under this key any more. */
export async function dropDue(
  tx: Queryable,
  { service, kind, key }: Pick<NewDue, "service" | "kind" | "key">,
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
