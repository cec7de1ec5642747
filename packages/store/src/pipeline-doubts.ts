import { PIPELINE_BRIDGE, putDue } from "./due.ts";
import { RECONCILE } from "./pipeline-told.ts";
import type { Database, Queryable } from "./queryable.ts";

/** What whoever looks after a run in doubt is given. */
export interface Doubt {
  /** When nobody knew last, by the database's clock. */
  doubted_at_ms: number;
}

/**
 * Nobody knows whether the engine has a run, or has it twice: counted, and from then on somebody looks after it, first in
 * `after_ms`. A doubt that `is_known` is counted only where none was. Gives the time, by the database's clock.
 */
export function noteDoubt(
  db: Database,
  request_id: string,
  after_ms: number,
  { is_known = false } = {},
): Promise<number> {
  return db.transaction(async (tx) => {
    const [row] = await tx.query<{ now_ms: number }>(
      `with doubted as (update pipeline_runs set doubts = case when $2 then greatest(doubts, 1) else doubts + 1 end
         where request_id = $1) select now_ms() as now_ms`,
      [request_id, is_known],
    );
    const doubted_at_ms = row!.now_ms;
    const payload: Doubt = { doubted_at_ms };
    const due_at_ms = doubted_at_ms + after_ms;
    await putDue(tx, { service: PIPELINE_BRIDGE, kind: RECONCILE, key: request_id, due_at_ms, payload });
    return doubted_at_ms;
  });
}

export interface LookAgain extends Doubt {
  /** Of the row of due work that is at hand: a newer one keeps its time. */
  version: number;
  /** The shortest distance. */
  least_ms: number;
  /** So long after the doubt nobody looks any more. */
  most_ms: number;
}

/** Has somebody look after a run in doubt once more: after a quarter of the time that has passed since the doubt. */
export async function lookAgain(
  db: Queryable,
  request_id: string,
  { doubted_at_ms, version, least_ms, most_ms }: LookAgain,
): Promise<void> {
  await db.query(
    `update due set due_at_ms = now_ms() + greatest((now_ms() - $4) / 4, $5), version = version + 1, failures = 0,
       first_refused_at_ms = null
     where service = '${PIPELINE_BRIDGE}' and kind = '${RECONCILE}' and key = $1 and version = $2 and now_ms() - $4 < $3`,
    [request_id, version, most_ms, doubted_at_ms, least_ms],
  );
}

/**
 * A run goes on under another id of its engine: what is told of it from now on is that one's, and what was asked of the other
 * (its end) is asked of it. False when it moved or ended meanwhile.
 */
export function moveToRun(
  db: Database,
  { request_id, from, to }: { request_id: string; from: string; to: string },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [moved] = await tx.query<{ is_cancelled: boolean; timed_out: boolean; now_ms: number }>(
      `update pipeline_runs set run_id = $3, version = 0
       where request_id = $1 and run_id = $2 and state in ('submitted', 'pending', 'running')
       returning cancelled_at_ms is not null as is_cancelled, timed_out, now_ms() as now_ms`,
      [request_id, from, to],
    );
    if (moved?.is_cancelled || moved?.timed_out) {
      const kind = moved.is_cancelled ? "cancel" : "timeout";
      await putDue(tx, { service: PIPELINE_BRIDGE, kind, key: request_id, due_at_ms: moved.now_ms });
    }
    return moved !== undefined;
  });
}
