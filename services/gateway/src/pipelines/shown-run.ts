import type { PipelineStatus } from "@gatehouse/events";
import type { PipelineRunRow, PipelineStatusRow } from "@gatehouse/store";

/** A run as lists show it. */
export function listedRun(run: PipelineRunRow): object {
  const { request_id, pipeline, engine, run_id, state, message, error, origin, attempt } = run;
  const { created_at_ms, submitted_at_ms, started_at_ms, ended_at_ms, cancelled_at_ms } = run;
  const times = { created_at_ms, submitted_at_ms, started_at_ms, ended_at_ms, cancelled_at_ms };
  return { request_id, pipeline, engine, run_id, state, message, error, origin, attempt, ...times };
}

/**
 * A run, with what it was given, what it gave, and every status as it was told. Statuses that were read after the run and
 * that it did not have then are left out: its state is that of the last one.
 */
export function shownRun(run: PipelineRunRow, statuses: readonly PipelineStatusRow[]): object {
  const { namespace, run_name, parameters, outputs, artifacts } = run;
  const told = statuses.filter(({ seq }) => seq < run.next_seq).map((status) => toldStatus(run, status));
  return { ...listedRun(run), namespace, run_name, parameters, outputs, artifacts, statuses: told };
}

/** The fields of `ai.pipeline.status.{request_id}`. */
function toldStatus({ pipeline, engine }: PipelineRunRow, row: PipelineStatusRow): PipelineStatus {
  const { request_id, seq, status, message, run_id, error, outputs, artifacts, at_ms: timestamp_ms } = row;
  return {
    ...{ request_id, status, pipeline, engine, run_id, message, timestamp_ms, seq },
    ...(error && { code: error.code, retryable: error.retryable }),
    ...(outputs && { outputs }),
    ...(artifacts.length > 0 && { artifacts }),
  };
}
