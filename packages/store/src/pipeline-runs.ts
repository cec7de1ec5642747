import type { PipelineArtifact, PipelineStatus } from "@gatehouse/events";
import { decodeCursor, type Page, toPage } from "./cursor.ts";
import type { Queryable } from "./queryable.ts";

/** How a run is. `waiting`: no engine is known to have it; the others are what is told. */
export type RunState = "waiting" | PipelineStatus["status"];

/** Why a run did not succeed. */
export interface RunError {
  code: string;
  message: string;
  /** Whether trying again can help. */
  retryable: boolean;
}

/** A run of a pipeline, from when its trigger was taken in. Written by pipeline-bridge; gateway puts ended ones back. */
export interface PipelineRunRow {
  request_id: string;
  /** The order in which triggers were taken in. */
  position: number;
  pipeline: string;
  /** Null where no engine has such a pipeline. */
  engine: string | null;
  namespace: string;
  /** Its name at the engine: `gh-` and 40 hex digits of the SHA-256 of its request_id. */
  run_name: string;
  parameters: Record<string, unknown>;
  /** What fired it: `request`, `join:{name}`, `schedule:{name}`. */
  origin: string;
  state: RunState;
  /** For people; may be empty. */
  message: string;
  error: RunError | null;
  /** The engine's own id of it; null before it has one. */
  run_id: string | null;
  /** Of the engine's last word about it. */
  version: number;
  /** Raised whenever somebody takes it to submit it. */
  epoch: number;
  /** 1, and one more for each retry. */
  attempt: number;
  /** Of the status that it will have next. */
  next_seq: number;
  /** When it was last taken to be submitted. */
  taken_at_ms: number | null;
  /** Since when the engine may have it, without anybody knowing. */
  posted_at_ms: number | null;
  /** How often nobody knew. */
  doubts: number;
  /** It is not submitted before. */
  not_before_ms: number | null;
  outputs: Record<string, unknown> | null;
  artifacts: PipelineArtifact[];
  /** When somebody asked for its end. */
  cancelled_at_ms: number | null;
  /** It took longer than its pipeline may. */
  timed_out: boolean;
  /** The engine is yet to be asked to go on with it. */
  retrying: boolean;
  created_at_ms: number;
  submitted_at_ms: number | null;
  started_at_ms: number | null;
  ended_at_ms: number | null;
  /** Headers of the trigger's trace. */
  trace: Record<string, string>;
}

/** One change of a run, as it is told. Written by pipeline-bridge, in the transaction of the change. */
export interface PipelineStatusRow {
  request_id: string;
  /** 0, 1, 2, … without holes. */
  seq: number;
  status: Exclude<RunState, "waiting">;
  message: string;
  run_id: string | null;
  error: RunError | null;
  outputs: Record<string, unknown> | null;
  artifacts: PipelineArtifact[];
  at_ms: number;
  /** Where it was kept; null while it is not known to be published. */
  published_seq: number | null;
}

export async function findRun(db: Queryable, request_id: string): Promise<PipelineRunRow | null> {
  const [row] = await db.query<PipelineRunRow>("select * from pipeline_runs where request_id = $1", [request_id]);
  return row ?? null;
}

/** All changes of a run, oldest first. */
export function runStatuses(db: Queryable, request_id: string): Promise<PipelineStatusRow[]> {
  return db.query<PipelineStatusRow>("select * from pipeline_statuses where request_id = $1 order by seq", [
    request_id,
  ]);
}

export interface RunFilter {
  pipeline?: string;
  state?: RunState;
  /** Only those whose request_id is this user's. */
  owner?: string;
  limit: number;
  cursor?: string | null;
}

/** Runs that match, newest first. @throws {BadCursorError} */
export async function listRuns(db: Queryable, filter: RunFilter): Promise<Page<PipelineRunRow>> {
  const values: unknown[] = [];
  const given = (value: unknown) => `$${values.push(value)}`;
  const wanted: string[] = [];
  if (filter.pipeline !== undefined) wanted.push(`pipeline = ${given(filter.pipeline)}`);
  if (filter.state !== undefined) wanted.push(`state = ${given(filter.state)}`);
  if (filter.owner !== undefined)
    wanted.push(
      `exists (select from request_owners o where o.request_id = pipeline_runs.request_id and user_id = ${given(filter.owner)})`,
    );
  if (filter.cursor)
    wanted.push(`(created_at_ms, request_id) < (${decodeCursor(filter.cursor, 1).map(given).join(", ")})`);
  const rows = await db.query<PipelineRunRow>(
    `select * from pipeline_runs ${wanted.length > 0 ? `where ${wanted.join(" and ")}` : ""}
     order by created_at_ms desc, request_id desc limit ${given(filter.limit + 1)}`,
    values,
  );
  return toPage(rows, filter.limit, (row) => [row.created_at_ms, row.request_id]);
}
