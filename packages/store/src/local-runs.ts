import { jsonText } from "./json-text.ts";
import type { Queryable } from "./queryable.ts";

export type LocalRunState = "pending" | "running" | "succeeded" | "failed" | "cancelled";

/** A run of the engine in the house: documents are taken in. Written by pipeline-bridge. */
export interface LocalRun {
  run_name: string;
  state: LocalRunState;
  /** For people. */
  message: string;
  outputs: Record<string, unknown> | null;
  /** Rises with every change that is told. */
  version: number;
  /** What it consists of is written down. */
  listed: boolean;
  /** What is told of what was not taken; may be empty. */
  note: string;
  created_at_ms: number;
  started_at_ms: number | null;
  ended_at_ms: number | null;
}

/** How a run of the house ended. */
export interface LocalRunEnd {
  state: "succeeded" | "failed";
  message: string;
  outputs: Record<string, unknown> | null;
}

const COLUMNS = "run_name, state, message, outputs, version, listed, note, created_at_ms, started_at_ms, ended_at_ms";
const OPEN = "state in ('pending', 'running')";

/** Writes a run down. False when it is there. */
export async function insertLocalRun(
  tx: Queryable,
  { run_name, parameters }: { run_name: string; parameters: Record<string, unknown> },
): Promise<boolean> {
  const inserted = await tx.query(
    `insert into local_runs (run_name, parameters, state, created_at_ms) values ($1, $2, 'pending', now_ms())
     on conflict do nothing returning 1`,
    [run_name, jsonText(parameters)],
  );
  return inserted.length > 0;
}

/** Those of the named runs that there are. */
export function findLocalRuns(db: Queryable, run_names: readonly string[]): Promise<LocalRun[]> {
  return db.query<LocalRun>(`select ${COLUMNS} from local_runs where run_name = any($1)`, [run_names]);
}

/** What a run is to do; it may be large. */
export async function localRunParameters(db: Queryable, run_name: string): Promise<Record<string, unknown>> {
  const [run] = await db.query<{ parameters: Record<string, unknown> }>(
    "select parameters from local_runs where run_name = $1",
    [run_name],
  );
  return run?.parameters ?? {};
}

/** Writes down what a run consists of; it is at work now. False when it is over, or was listed. */
export async function listLocalRun(
  tx: Queryable,
  { run_name, names, note }: { run_name: string; names: readonly string[]; note: string },
): Promise<boolean> {
  const begun = await tx.query(
    `update local_runs set state = 'running', listed = true, note = $2, version = version + 1,
       started_at_ms = coalesce(started_at_ms, now_ms())
     where run_name = $1 and ${OPEN} and not listed returning 1`,
    [run_name, note],
  );
  if (begun.length === 0) return false;
  await tx.query(
    `insert into local_run_documents (run_name, name, state) select $1, name, 'waiting' from unnest($2::text[]) name
     on conflict do nothing`,
    [run_name, names],
  );
  return true;
}

/** Tells how far a run is, if that is news. */
export async function tellLocalRun(db: Queryable, { run_name, message }: Pick<LocalRun, "run_name" | "message">) {
  await db.query(
    `update local_runs set message = $2, version = version + 1
     where run_name = $1 and state = 'running' and message <> $2`,
    [run_name, message],
  );
}

/** Ends a run that is not over; others stay as they ended. */
export async function endLocalRun(db: Queryable, run_name: string, { state, message, outputs }: LocalRunEnd) {
  await db.query(
    `update local_runs set state = $2, message = $3, outputs = $4, version = version + 1, ended_at_ms = now_ms(),
       started_at_ms = coalesce(started_at_ms, now_ms())
     where run_name = $1 and ${OPEN}`,
    [run_name, state, message, outputs && jsonText(outputs)],
  );
}

/** Nothing more is put for a run, if it is not over. False when there is none of that name. */
export async function cancelLocalRun(db: Queryable, run_name: string, message: string): Promise<boolean> {
  const [run] = await db.query<{ state: LocalRunState }>("select state from local_runs where run_name = $1", [
    run_name,
  ]);
  await db.query(
    `update local_runs set state = 'cancelled', message = $2, version = version + 1, ended_at_ms = now_ms()
     where run_name = $1 and ${OPEN}`,
    [run_name, message],
  );
  return run !== undefined;
}

/** Has a run that failed or was cancelled go on: what is ready stays so, all else is looked at again. False when it does not. */
export async function reopenLocalRun(tx: Queryable, run_name: string): Promise<boolean> {
  const reopened = await tx.query(
    `update local_runs set state = 'pending', message = '', outputs = null, listed = false, note = '',
       version = version + 1, ended_at_ms = null
     where run_name = $1 and state in ('failed', 'cancelled') returning 1`,
    [run_name],
  );
  if (reopened.length === 0) return false;
  await tx.query("delete from local_run_documents where run_name = $1 and state in ('waiting', 'failed')", [run_name]);
  return true;
}
