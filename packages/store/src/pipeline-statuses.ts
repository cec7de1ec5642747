import type { PipelineStatusRow } from "./pipeline-runs.ts";
import { PREPARED, type Queryable } from "./queryable.ts";

/** A change of a run, and what its reader is told beside it. */
export interface UntoldStatus extends PipelineStatusRow {
  pipeline: string;
  engine: string | null;
}

/** Changes of a run that are not known to be published, oldest first. */
export function untoldStatuses(db: Queryable, request_id: string): Promise<UntoldStatus[]> {
  return db.query<UntoldStatus>(
    `select s.*, r.pipeline, r.engine from pipeline_statuses s join pipeline_runs r using (request_id)
     where request_id = $1 and published_seq is null order by seq`,
    [request_id],
    PREPARED,
  );
}

/** Notes where a change was kept; the first mark stays. Written by pipeline-bridge. */
export async function markStatusTold(
  db: Queryable,
  { request_id, seq }: Pick<PipelineStatusRow, "request_id" | "seq">,
  published_seq: number,
): Promise<void> {
  await db.query(
    `update pipeline_statuses set published_seq = $3 where request_id = $1 and seq = $2 and published_seq is null`,
    [request_id, seq, published_seq],
    PREPARED,
  );
}
