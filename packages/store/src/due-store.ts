import { type GivenUpDue, putBackDue } from "./due.ts";
import type { Database, Queryable } from "./queryable.ts";

/** A row that somebody holds. The token shows who. */
export interface ClaimedDue {
  readonly service: string;
  readonly kind: string;
  readonly key: string;
  readonly due_at_ms: number;
  readonly payload: unknown;
  readonly trace: Readonly<Record<string, string>>;
  readonly version: number;
  readonly failures: number;
  /** Before this claim. */
  readonly crashes: number;
  readonly first_refused_at_ms: number | null;
  readonly lease_token: string;
}

/** A claimed row as the runtime hands it back: it must be the one that `claim` gave, token and all. */
export type HeldDue = Omit<ClaimedDue, "lease_token">;

/** What is claimed: at most so many rows of a kind, for a time. */
export interface ClaimDue {
  service: string;
  kind: string;
  most: number;
  lease_ms: number;
  /** Rows with so many crashes are claimed without counting one more. */
  suspect_at: number;
}

/** Due work on Postgres. Leases run by the database's clock. All methods may throw `PostgresDownError`, at most 3 s after they have a connection. */
export interface PostgresDueStore {
  /** Takes rows that are due and free, earliest first, and counts a crash of each until it is heard of again. */
  claim(claim: ClaimDue): Promise<ClaimedDue[]>;
  /** False when the row is no longer ours. */
  extend(row: HeldDue, lease_ms: number): Promise<boolean>;
  /** Counts a crash of a suspect that begins now. False when the row is no longer ours. */
  beginAlone(row: HeldDue): Promise<boolean>;
  /** Removes the row, or lets it go when it was written again meanwhile: false then. Does nothing when it is no longer ours. */
  remove(row: HeldDue): Promise<boolean>;
  /**
   * Lets the row go until a time; one that was written again keeps its own time and count. `nothing`: as if it had not
   * been claimed; otherwise its crashes are forgotten.
   */
  postpone(row: HeldDue, due_at_ms: number, counts: "failure" | "later" | "nothing"): Promise<void>;
  /** Makes work that was given up due now. False when its key is due anyway. */
  putBack(row: GivenUpDue): Promise<boolean>;
}

const COLUMNS = "service, kind, key, due_at_ms, payload, trace, version, failures, first_refused_at_ms, lease_token";
/**
 * A third of the lease that the runtime asks for: whatever is stuck, as behind a lock, is given up early enough for a
 * renewal to be tried again.
 */
const PATIENCE = { timeout_ms: 3_000, prepared: true };
const OURS = "service = $1 and kind = $2 and key = $3 and lease_token = $4";

const CLAIM = `with now as materialized (select now_ms() as ms),
  free as (select service, kind, key, crashes from due, now
    where service = $1 and kind = $2 and due_at_ms <= now.ms and (lease_until_ms is null or lease_until_ms <= now.ms)
    order by due_at_ms limit $3 for update of due skip locked),
  taken as (update due set lease_until_ms = now_ms() + $4, lease_token = gen_random_uuid(),
      crashes = due.crashes + (due.crashes < $5)::int from free
    where due.service = free.service and due.kind = free.kind and due.key = free.key
    returning due.*, free.crashes as crashes_before)
  select ${COLUMNS}, crashes_before as crashes from taken order by due_at_ms`;

export function createDueStore(db: Database): PostgresDueStore {
  const write = async (set: string, row: HeldDue, values: unknown[] = []) =>
    (await db.query(`update due set ${set} where ${OURS} returning 1`, [...heldBy(row), ...values], PATIENCE)).length >
    0;
  return {
    // In a transaction: one that was given up, and that the server finishes later, must hold nothing for nobody.
    claim: ({ service, kind, most, lease_ms, suspect_at }) =>
      db.transaction((tx) => tx.query<ClaimedDue>(CLAIM, [service, kind, most, lease_ms, suspect_at], PATIENCE)),
    extend: (row, lease_ms) => write("lease_until_ms = now_ms() + $5", row, [lease_ms]),
    beginAlone: (row) => write("crashes = crashes + 1", row),
    remove: (row) => removeDue(db, row),
    putBack: (row) => putBackDue(db, row),
    postpone: async (row, due_at_ms, counts) => {
      await write(
        `lease_until_ms = null, lease_token = null,
         due_at_ms = case when version = $5 then $6 else due_at_ms end,
         failures = failures + case when version = $5 then $7::int else 0 end,
         crashes = $8,
         first_refused_at_ms = case when version = $5 and $9 then coalesce(first_refused_at_ms, now_ms()) else first_refused_at_ms end`,
        row,
        [
          row.version,
          due_at_ms,
          counts === "failure" ? 1 : 0,
          counts === "nothing" ? row.crashes : 0,
          counts !== "nothing",
        ],
      );
    },
  };
}

/** Two statements, so that the second sees a write that the first had to wait for. */
async function removeDue(db: Queryable, row: HeldDue): Promise<boolean> {
  const held = heldBy(row);
  const remove = `delete from due where ${OURS} and version = $5 returning 1`;
  const removed = await db.query(remove, [...held, row.version], PATIENCE);
  if (removed.length > 0) return true;
  const letGo = `update due set lease_until_ms = null, lease_token = null, crashes = 0 where ${OURS} returning 1`;
  return (await db.query(letGo, held, PATIENCE)).length === 0;
}

/** The first four parameters of what only the holder of a row may do. */
export function heldBy(row: HeldDue): unknown[] {
  return [row.service, row.kind, row.key, (row as ClaimedDue).lease_token];
}
