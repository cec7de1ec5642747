import { DUE_AGAIN, FIRST_VERSION, type NewDue } from "./due.ts";
import { PREPARED, type Queryable } from "./queryable.ts";

/** Makes work due so long from now, by the clock by which it is claimed, in place of what was due under the same key. */
export async function putDueIn(
  db: Queryable,
  { service, kind, key, payload = null }: Omit<NewDue, "due_at_ms" | "trace">,
  after_ms: number,
): Promise<void> {
  await db.query(
    `insert into due (service, kind, key, due_at_ms, payload, trace, version)
     values ($1, $2, $3, now_ms() + $4, $5, '{}', ${FIRST_VERSION})
     ${DUE_AGAIN}, payload = excluded.payload`,
    [service, kind, key, after_ms, JSON.stringify(payload)],
    PREPARED,
  );
}
