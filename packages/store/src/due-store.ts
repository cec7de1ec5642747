import type { Queryable } from "./queryable.ts";

/** A row that somebody holds. The token shows who. */
export interface ClaimedDue {
  readonly service: string;
  readonly kind: string;
  readonly key: string;
  readonly due_at_ms: number;
  readonly payload: unknown;
  readonly version: number;
  readonly failures: number;
  readonly first_refused_at_ms: number | null;
  readonly lease_token: string;
}

/** A claimed row as the runtime hands it back: it must be the one that `claim` gave, token and all. */
export type HeldDue = Omit<ClaimedDue, "lease_token">;

/** Due work on Postgres. Leases run by the database's clock. All methods may throw `PostgresDownError`. */
export interface PostgresDueStore {
  /** Takes rows that are due and free, earliest first. */
  claim(service: string, kinds: readonly string[], most: number, lease_ms: number): Promise<ClaimedDue[]>;
  /** False when the row is no longer ours. */
  extend(row: HeldDue, lease_ms: number): Promise<boolean>;
  /** Removes the row, or lets it go when it was written again meanwhile. Does nothing when it is no longer ours. */
  remove(row: HeldDue): Promise<void>;
  /** Lets the row go until a time; one that was written again keeps its own time and count. */
  postpone(row: HeldDue, due_at_ms: number, failed: boolean): Promise<void>;
}

const COLUMNS = "service, kind, key, due_at_ms, payload, version, failures, first_refused_at_ms, lease_token";
const OURS = "service = $1 and kind = $2 and key = $3 and lease_token = $4";

const CLAIM = `with now as materialized (select now_ms() as ms),
  free as (select service, kind, key from due, now
    where service = $1 and kind = any($2) and due_at_ms <= now.ms and (lease_until_ms is null or lease_until_ms <= now.ms)
    order by due_at_ms limit $3 for update of due skip locked),
  taken as (update due set lease_until_ms = now_ms() + $4, lease_token = gen_random_uuid() from free
    where due.service = free.service and due.kind = free.kind and due.key = free.key
    returning due.*)
  select ${COLUMNS} from taken order by due_at_ms`;

export function createDueStore(db: Queryable): PostgresDueStore {
  return {
    claim: (service, kinds, most, lease_ms) => db.query<ClaimedDue>(CLAIM, [service, kinds, most, lease_ms]),
    extend: async (row, lease_ms) => {
      const held = await db.query(`update due set lease_until_ms = now_ms() + $5 where ${OURS} returning 1`, [
        ...heldBy(row),
        lease_ms,
      ]);
      return held.length > 0;
    },
    remove: (row) => removeDue(db, row),
    postpone: async (row, due_at_ms, failed) => {
      await db.query(
        `update due set lease_until_ms = null, lease_token = null,
           due_at_ms = case when version = $5 then $6 else due_at_ms end,
           failures = failures + case when version = $5 then $7::int else 0 end,
           first_refused_at_ms = case when version = $5 then coalesce(first_refused_at_ms, now_ms()) end
         where ${OURS}`,
        [...heldBy(row), row.version, due_at_ms, failed ? 1 : 0],
      );
    },
  };
}

/** Two statements, so that the second sees a write that the first had to wait for. */
async function removeDue(db: Queryable, row: HeldDue): Promise<void> {
  const held = heldBy(row);
  const removed = await db.query(`delete from due where ${OURS} and version = $5 returning 1`, [...held, row.version]);
  if (removed.length === 0)
    await db.query(`update due set lease_until_ms = null, lease_token = null where ${OURS}`, held);
}

function heldBy(row: HeldDue): unknown[] {
  return [row.service, row.kind, row.key, (row as ClaimedDue).lease_token];
}
