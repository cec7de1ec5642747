import { keepable } from "./passages.ts";
import type { RunState } from "./pipeline-runs.ts";
import { ENDED, OPEN } from "./pipeline-told.ts";
import { PREPARED, type Queryable } from "./queryable.ts";

/** A run that an engine has and that has not ended, as far as is known. */
export interface OpenRun {
  request_id: string;
  run_name: string;
  run_id: string;
  namespace: string;
  state: RunState;
  attempt: number;
}

/** The open runs in a namespace of an engine, oldest first. */
export function openRuns(db: Queryable, engine: string, namespace: string): Promise<OpenRun[]> {
  return db.query<OpenRun>(
    `select request_id, run_name, run_id, namespace, state, attempt from pipeline_runs
     where engine = $1 and namespace = $2 and state in ${OPEN} order by position`,
    [engine, namespace],
    PREPARED,
  );
}

/** Where runs wait to be submitted (`argo`), and where runs are open, or will be (`argo/ai`). */
export async function placesOfRuns(db: Queryable): Promise<{ waiting: string[]; open: string[] }> {
  const [row] = await db.query<{ waiting: string[]; open: string[] }>(
    `select array(select distinct engine from pipeline_runs where state = 'waiting' and engine is not null) as waiting,
      array(select distinct engine || '/' || namespace from pipeline_runs 
        where state in ('waiting', 'submitted', 'pending', 'running') and engine is not null) as open`,
  );
  return row!;
}

/** The open run of that id; null: it has ended, or goes on under another. */
export async function openRun(
  db: Queryable,
  engine: string,
  { run_name, run_id }: Pick<OpenRun, "run_name" | "run_id">,
): Promise<OpenRun | null> {
  const [run] = await db.query<OpenRun>(
    `select request_id, run_name, run_id, namespace, state, attempt from pipeline_runs
     where run_name = $1 and run_id = $2 and engine = $3 and state in ${OPEN}`,
    [run_name, run_id, engine],
    PREPARED,
  );
  return run ?? null;
}

/** A run of which nobody has noted that an engine has it. */
export interface UnplacedRun {
  request_id: string;
  pipeline: string;
  /** It has ended; else its engine was asked for it. */
  has_ended: boolean;
}

/** The run of that name, if an engine that tells of it tells news; null: there is none, or it is known to be there. */
export async function unplacedRun(db: Queryable, engine: string, run_name: string): Promise<UnplacedRun | null> {
  const [run] = await db.query<UnplacedRun>(
    `select request_id, pipeline, state in ${ENDED} as has_ended from pipeline_runs
     where run_name = $1 and engine = $2 and run_id is null
       and (state in ${ENDED} or state = 'waiting' and posted_at_ms is not null)`,
    [run_name, engine],
    PREPARED,
  );
  return run ?? null;
}

/** Whether any run is open there. */
export async function hasOpenRuns(db: Queryable, engine: string, namespace: string): Promise<boolean> {
  const [row] = await db.query<{ has_any: boolean }>(
    `select exists (select from pipeline_runs where engine = $1 and namespace = $2 and state in ${OPEN}) as has_any`,
    [engine, namespace],
    PREPARED,
  );
  return row!.has_any;
}

/** Of one statement. */
const MOST_TOLD = 1_000;

/** Notes why runs wait for an engine, for people. Whoever has one in hand is not hindered. */
export async function tellWaiting(db: Queryable, engine: string, why: string): Promise<number> {
  const told = await db.query(
    `update pipeline_runs set message = $2 where request_id = any(array(
       select request_id from pipeline_runs where engine = $1 and state = 'waiting' and message <> $2
       order by position limit ${MOST_TOLD} for update skip locked))
     returning 1`,
    [engine, keepable(why)],
  );
  return told.length;
}
