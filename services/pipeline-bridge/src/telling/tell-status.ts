import { type PipelineStatus, pipelineStatus } from "@gatehouse/events";
import { type DueContext, publishInOrder, type Verdict } from "@gatehouse/runtime";
import { markStatusTold, type UntoldStatus, untoldStatuses } from "@gatehouse/store";
import type { Deps } from "../service.ts";

/** Publishes the changes of a run that nobody was told of, in order, each once. Key: request_id. */
export function tellStatus(_payload: unknown, context: DueContext<Deps>): Promise<Verdict> {
  const { db, due, publish, stage } = context;
  return publishInOrder<UntoldStatus>({
    rows: () => untoldStatuses(db, due.key),
    publish: (row) =>
      stage("publish", () =>
        publish(pipelineStatus, asTold(row), {
          id: `${row.request_id}.${row.seq}`,
          created_at_ms: row.at_ms,
          fenced: true,
        }),
      ),
    mark: (row, seq) => stage("mark", () => markStatusTold(db, row, seq)),
  });
}

function asTold(row: UntoldStatus): PipelineStatus {
  const { request_id, seq, status, pipeline, engine, run_id, message, at_ms, error, outputs, artifacts } = row;
  return {
    request_id,
    seq,
    status,
    pipeline,
    engine,
    run_id,
    message,
    timestamp_ms: at_ms,
    ...(error ? { code: error.code, retryable: error.retryable } : {}),
    ...(outputs ? { outputs } : {}),
    ...(artifacts.length > 0 ? { artifacts } : {}),
  };
}
