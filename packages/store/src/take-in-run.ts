import { jsonText } from "./json-text.ts";
import type { RunError } from "./pipeline-runs.ts";
import { TOLD } from "./pipeline-told.ts";
import { PREPARED, type Queryable } from "./queryable.ts";

/** A run that is asked for. Written by pipeline-bridge. */
export interface NewRun {
  request_id: string;
  pipeline: string;
  /** Null where no engine has such a pipeline: then it is refused. */
  engine: string | null;
  namespace: string;
  run_name: string;
  parameters: Readonly<Record<string, unknown>>;
  /** What fires it: `request`, `join:{name}`, `schedule:{name}`. */
  origin: string;
  /** What is wrong with it; null: nothing. */
  refused: RunError | null;
  /** Headers of the trigger's trace. */
  trace: Readonly<Record<string, string>>;
}

/**
 * What became of it. `waiting`: whoever submits finds it; `refused`, or `cancelled` before it came: telling so is due;
 * `known`: it was taken in before; `reused`: its request_id is that of another run.
 */
export type RunTakenIn = "waiting" | "refused" | "cancelled" | "known" | "reused";

const TAKE_IN = `with early as (select min(at_ms) as at_ms from pipeline_cancels where request_id = $1),
  run as (
    insert into pipeline_runs (request_id, pipeline, engine, namespace, run_name, parameters, origin, state, message, error,
      next_seq, cancelled_at_ms, created_at_ms, ended_at_ms, trace)
    select $1, $2, $3, $4, $5, $6::jsonb, $7,
      case when $8::jsonb is not null then 'error' when at_ms is not null then 'cancelled' else 'waiting' end,
      coalesce($8::jsonb ->> 'message', ''), $8::jsonb, ($8::jsonb is not null or at_ms is not null)::int, at_ms, now_ms(),
      case when $8::jsonb is not null or at_ms is not null then now_ms() end, $9::jsonb
    from early
    on conflict (request_id) do nothing returning *),
  changed as (select * from run where state <> 'waiting'),
  ${TOLD}
  select state from run`;

const BECAME = { waiting: "waiting", error: "refused", cancelled: "cancelled" } as const;

/**
 * Writes a run down, and what is due of it, in one statement. A repeat changes nothing. Nothing is written that others write
 * too: who takes runs in does not wait for another.
 */
export async function takeInRun(db: Queryable, run: NewRun): Promise<RunTakenIn> {
  const { request_id, pipeline, engine, namespace, run_name, parameters, origin, refused, trace } = run;
  const text = jsonText(parameters);
  const values = [request_id, pipeline, engine, namespace, run_name, text, origin, refused && jsonText(refused)];
  const [row] = await db.query<{ state: keyof typeof BECAME }>(TAKE_IN, [...values, jsonText(trace)], PREPARED);
  if (row) return BECAME[row.state];
  const [same] = await db.query<{ is_same: boolean }>(
    "select pipeline = $2 and parameters = $3::jsonb as is_same from pipeline_runs where request_id = $1",
    [request_id, pipeline, text],
    PREPARED,
  );
  return same?.is_same ? "known" : "reused";
}
