import type { PipelineArtifact } from "@gatehouse/events";
import { jsonText } from "./json-text.ts";
import type { RunError, RunState } from "./pipeline-runs.ts";
import { OPEN, TOLD } from "./pipeline-told.ts";
import { PREPARED, type Queryable } from "./queryable.ts";

/** How an engine says a run is. Written by pipeline-bridge. */
export interface SeenRun {
  engine: string;
  run_name: string;
  run_id: string;
  status: Exclude<RunState, "waiting" | "submitted">;
  message: string;
  /** What is not newer than what was seen before is old news. */
  version: number;
  /** Believed whatever its version while the run is at this attempt: an engine that was restored counts anew. */
  sure_of_attempt?: number;
  started_at_ms: number | null;
  ended_at_ms: number | null;
  outputs: Record<string, unknown> | null;
  artifacts: readonly PipelineArtifact[];
  /** Why it did not succeed; null where it did, or has not ended. */
  error: RunError | null;
  /** What is said instead where it was ended because it took too long. */
  too_long: RunError;
}

/** How a run became, and whether that is told. */
export interface Observed {
  request_id: string;
  state: RunState;
  has_moved: boolean;
}

const STATES = "array['submitted', 'pending', 'running']";

/**
 * A run that was to end and did not succeed has done what was asked. States only go forward. A run that was asked to go on
 * is not yet believed to have ended: that is what it was before.
 */
const OBSERVE = `with before as (
    select * from pipeline_runs where run_name = $1 and engine = $2 and run_id = $3 and (version < $4 or attempt = $13) and state in ${OPEN}
      and not (retrying and $5 <> all(${STATES})) for update),
  after as (
    select request_id, state as state_before, case
      when $5 = 'succeeded' then $5
      when $5 <> all(${STATES}) and cancelled_at_ms is not null then 'cancelled'
      when $5 <> all(${STATES}) and timed_out then 'failed'
      when array_position(${STATES}, $5) < array_position(${STATES}, state) then state
      else $5 end as state_after from before),
  seen as (
    update pipeline_runs r set version = $4, state = state_after, message = $6,
      started_at_ms = coalesce(r.started_at_ms, $7), outputs = $9::jsonb, artifacts = $10::jsonb,
      ended_at_ms = case when $5 <> all(${STATES}) then coalesce($8, now_ms()) end,
      error = case when state_after in ('failed', 'error') then case when timed_out then $12::jsonb else $11::jsonb end end,
      next_seq = next_seq + (state_after <> state_before)::int
    from after where r.request_id = after.request_id returning r.*, state_before),
  changed as (select * from seen where state <> state_before),
  ${TOLD},
  over as (delete from due using changed
    where service = 'pipeline-bridge' and kind = 'timeout' and key = request_id and changed.ended_at_ms is not null)
  select request_id, state, state <> state_before as has_moved from seen`;

/** Notes how an engine says a run is; a change is told, once. Null: nothing new, or no run of ours. */
export async function observeRun(db: Queryable, seen: SeenRun): Promise<Observed | null> {
  const { engine, run_name, run_id, status, message, version, started_at_ms, ended_at_ms } = seen;
  const { outputs, artifacts, error, too_long, sure_of_attempt = null } = seen;
  const what = [run_name, engine, run_id, version, status, message, started_at_ms, ended_at_ms];
  const made = [outputs && jsonText(outputs), jsonText(artifacts), error && jsonText(error), jsonText(too_long)];
  const [row] = await db.query<Observed>(OBSERVE, [...what, ...made, sure_of_attempt], PREPARED);
  return row ?? null;
}

/** Ends an open run of which its engine says nothing more: as cancelled, if it was to end. Null: it has ended, or is another's. */
export async function endLost(
  db: Queryable,
  { request_id, attempt }: { request_id: string; attempt: number },
  error: RunError,
): Promise<RunState | null> {
  const [row] = await db.query<{ state: RunState }>(
    `with changed as (
       update pipeline_runs set state = case when cancelled_at_ms is null then 'error' else 'cancelled' end,
         error = case when cancelled_at_ms is null then $3::jsonb end, message = $3::jsonb ->> 'message',
         run_id = null, retrying = false, ended_at_ms = now_ms(), next_seq = next_seq + 1
       where request_id = $1 and attempt = $2 and state in ${OPEN} returning *),
     ${TOLD} select state from changed`,
    [request_id, attempt, jsonText(error)],
    PREPARED,
  );
  return row?.state ?? null;
}
