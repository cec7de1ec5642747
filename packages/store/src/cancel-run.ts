import type { RunState } from "./pipeline-runs.ts";
import { dueFor, OPEN, TOLD } from "./pipeline-told.ts";
import type { Queryable } from "./queryable.ts";

/**
 * What became of a cancel: `cancelled` at once, as no engine has the run; `asked`: its engine is told, or asked whether it has it; `ended` was before;
 * `unknown`: there is no such run yet, and it is cancelled when it comes.
 */
export type RunCancelled = "cancelled" | "asked" | "ended" | "unknown";

/** Records that a run is no longer wanted. Run it in a transaction. Written by pipeline-bridge. */
export async function cancelRun(tx: Queryable, request_id: string): Promise<RunCancelled> {
  const [run] = await tx.query<{ state: RunState; is_placed: boolean }>(
    `select state, state <> 'waiting' or posted_at_ms is not null as is_placed
     from pipeline_runs where request_id = $1 for update`,
    [request_id],
  );
  if (!run) {
    await tx.query(
      "insert into pipeline_cancels (request_id, at_ms) values ($1, now_ms()) on conflict (request_id) do nothing",
      [request_id],
    );
    return "unknown";
  }
  if (!["waiting", "submitted", "pending", "running"].includes(run.state)) return "ended";
  if (!run.is_placed) {
    await tx.query(
      `with changed as (update pipeline_runs set state = 'cancelled', cancelled_at_ms = now_ms(), ended_at_ms = now_ms(),
         message = '', epoch = epoch + 1, next_seq = next_seq + 1 where request_id = $1 returning *), ${TOLD} select 1`,
      [request_id],
    );
    return "cancelled";
  }
  await tx.query(
    `with asked as (update pipeline_runs set cancelled_at_ms = coalesce(cancelled_at_ms, now_ms()), not_before_ms = null
       where request_id = $1 returning *),
     placed as (select * from asked where state in ${OPEN}),
     cancelling as (${dueFor("cancel", "placed")}) select 1`,
    [request_id],
  );
  return "asked";
}

/** An open run has taken longer than its pipeline may: its engine is to end it. False: it has ended. */
export async function markTimedOut(db: Queryable, request_id: string): Promise<boolean> {
  const marked = await db.query(
    `update pipeline_runs set timed_out = cancelled_at_ms is null
     where request_id = $1 and state in ('submitted', 'pending', 'running') returning 1`,
    [request_id],
  );
  return marked.length > 0;
}
