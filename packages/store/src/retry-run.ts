import { dueFor, ENDED, TOLD } from "./pipeline-told.ts";
import type { Queryable } from "./queryable.ts";

/**
 * Has a run that did not succeed tried once more: its engine goes on with it, or one that no engine has is submitted; its
 * statuses go on. `refused`: it has not ended, has succeeded, no engine has such a pipeline, or it was refused when it came,
 * as its parameters were not kept. Run it in a transaction.
 * Written by gateway.
 */
export async function retryRun(tx: Queryable, request_id: string): Promise<"retried" | "refused" | "unknown"> {
  const [run] = await tx.query<{ run_id: string | null; may: boolean }>(
    `select run_id, state in ${ENDED} and state <> 'succeeded' and engine is not null
       and not (epoch = 0 and coalesce(error ->> 'code' = 'BAD_PARAMETERS', false)) as may
     from pipeline_runs where request_id = $1 for update`,
    [request_id],
  );
  if (!run) return "unknown";
  if (!run.may) return "refused";
  const again = `attempt = attempt + 1, epoch = epoch + 1, error = null, outputs = null, artifacts = '[]', doubts = 0,
    cancelled_at_ms = null, timed_out = false, not_before_ms = null`;
  if (run.run_id === null) {
    await tx.query(
      `update pipeline_runs set state = 'waiting', message = '', version = 0, ended_at_ms = null, ${again}
       where request_id = $1`,
      [request_id],
    );
    return "retried";
  }
  // When it ended stays until its engine goes on: so whoever asks for that again sees that it did.
  await tx.query(
    `with changed as (update pipeline_runs set state = 'submitted', message = 'tried again', retrying = true,
       started_at_ms = null, next_seq = next_seq + 1, ${again} where request_id = $1 returning *), ${TOLD},
     going as (${dueFor("retry", "changed")}) select 1`,
    [request_id],
  );
  return "retried";
}

/** The engine goes on with a run: what it tells from now on is believed. Written by pipeline-bridge. */
export async function recordRetried(
  db: Queryable,
  { request_id, attempt }: { request_id: string; attempt: number },
  timeout_s: number,
): Promise<void> {
  await db.query(
    `with runs as (update pipeline_runs set retrying = false, submitted_at_ms = now_ms(), ended_at_ms = null
       where request_id = $1 and attempt = $2 and retrying returning *),
     ending as (${dueFor("timeout", "runs", { at_ms: "now_ms() + $3 * 1000" })}),
     cancelled as (select * from runs where cancelled_at_ms is not null),
     cancelling as (${dueFor("cancel", "cancelled")}) select 1`,
    [request_id, attempt, timeout_s],
  );
}

/** The engine will not go on with a run: it is as it was before, with what was said to it. */
export async function recordNotRetried(
  db: Queryable,
  { request_id, attempt }: { request_id: string; attempt: number },
  error: { code: string; message: string; retryable: boolean },
): Promise<void> {
  await db.query(
    `with changed as (update pipeline_runs set retrying = false, state = 'error', error = $3::jsonb,
       message = $3::jsonb ->> 'message', ended_at_ms = now_ms(), next_seq = next_seq + 1
       where request_id = $1 and attempt = $2 and retrying returning *), ${TOLD} select 1`,
    [request_id, attempt, JSON.stringify(error)],
  );
}
