import { jsonText } from "./json-text.ts";
import { keepable } from "./passages.ts";
import type { PipelineRunRow, RunError } from "./pipeline-runs.ts";
import { DOUBTED, dueFor, TOLD } from "./pipeline-told.ts";
import { PREPARED, type Queryable } from "./queryable.ts";

/** A run in the hands of whoever submits it. Written by pipeline-bridge. */
export interface TakenRun extends PipelineRunRow {
  /** Since when the engine may have had it before it was taken; null: it surely had not. */
  doubtful_since_ms: number | null;
}
export type HeldRun = Pick<TakenRun, "request_id" | "epoch">;

export interface TakeRuns {
  engine: string;
  /** Runs, at most. */
  most: number;
  /** Whether a run that the engine may have is simply submitted again. */
  has_unique_names: boolean;
  /** In hand already. */
  except: readonly string[];
  /** How many runs of a pipeline may begin within a minute; those that are not named are not counted. */
  per_min: Readonly<Record<string, number>>;
  /** Not by age: first who was taken least often, so that it is not always the same that is tried. */
  in_turn?: boolean;
}

const MINUTE_MS = 60_000;
/** Asked for once in a statement, so that an index finds what is later. */
const A_MINUTE_AGO = `(select now_ms() - ${MINUTE_MS})`;
const FREE =
  "engine = $1 and state = 'waiting' and request_id <> all($3) and coalesce(not_before_ms, 0) <= (select now_ms())";

/**
 * A run that began within the last minute has its place in that minute already. Each pipeline that has no rate is looked at by
 * itself: a backlog of one that has is not read through to find the others.
 */
const takeBy = (order: string) => `with recursive names as (
    select min(pipeline) as pipeline from pipeline_runs where state = 'waiting'
    union all
    select (select min(r.pipeline) from pipeline_runs r where r.state = 'waiting' and r.pipeline > names.pipeline)
    from names where names.pipeline is not null),
  rates as (
    select pipeline, per_min - (select count(*) from pipeline_runs r
        where r.pipeline = c.pipeline and taken_at_ms > ${A_MINUTE_AGO}) as room
    from unnest($4::text[], $5::int[]) as c (pipeline, per_min)),
  next as (
    select request_id, posted_at_ms as doubtful_since_ms from (
      (select of_one.* from names, lateral (select request_id, posted_at_ms, position, epoch from pipeline_runs
        where ${FREE} and pipeline = names.pipeline order by ${order} limit $2) of_one
        where names.pipeline <> all($4))
      union all
      (select request_id, posted_at_ms, position, epoch from rates, lateral (select * from pipeline_runs r
        where r.pipeline = rates.pipeline and taken_at_ms > ${A_MINUTE_AGO} offset 0) begun where ${FREE})
      union all
      (select of_one.* from rates, lateral (select request_id, posted_at_ms, position, epoch from pipeline_runs
        where ${FREE} and pipeline = rates.pipeline and coalesce(taken_at_ms, 0) <= ${A_MINUTE_AGO}
        order by ${order} limit greatest(room, 0)) of_one)
    ) free order by ${order} limit $2)
  update pipeline_runs r set epoch = epoch + 1,
    taken_at_ms = case when taken_at_ms > ${A_MINUTE_AGO} then taken_at_ms else now_ms() end,
    posted_at_ms = case when cancelled_at_ms is null and ($6 or posted_at_ms is null) then now_ms() else posted_at_ms end
  from next where r.request_id = next.request_id and r.state = 'waiting'
  returning r.*, next.doubtful_since_ms`;
const TAKE = takeBy("position");
const TAKE_IN_TURN = takeBy("epoch, position");

/**
 * Takes the oldest runs that wait for an engine and may begin now: whoever had one before can write nothing any more.
 * From then on the engine may have them, unless they were cancelled.
 */
export async function takeRuns(db: Queryable, take: TakeRuns): Promise<TakenRun[]> {
  const { engine, most, has_unique_names, except, per_min, in_turn = false } = take;
  const rates = [Object.keys(per_min), Object.values(per_min)];
  const values = [engine, most, except, ...rates, has_unique_names];
  const taken = await db.query<TakenRun>(in_turn ? TAKE_IN_TURN : TAKE, values, PREPARED);
  return taken.sort((a, b) => a.position - b.position);
}

/** About to be asked for once more, after a doubt: when, wall clock. Null: it is another's, or was cancelled: then it must not be. */
export async function postAgain(db: Queryable, { request_id, epoch }: HeldRun): Promise<number | null> {
  const [posted] = await db.query<{ posted_at_ms: number }>(
    `update pipeline_runs set posted_at_ms = now_ms()
     where request_id = $1 and epoch = $2 and state = 'waiting' and cancelled_at_ms is null returning posted_at_ms`,
    [request_id, epoch],
    PREPARED,
  );
  return posted?.posted_at_ms ?? null;
}

export interface LaterRun {
  /** Wall clock. */
  not_before_ms: number | null;
  /** Since when the engine may have it; null: it surely has not. */
  doubtful_since_ms: number | null;
  /** It is one more time that nobody knows. */
  is_doubt?: boolean;
  /** What people are told while it waits. */
  why?: string;
}

/** Lets a run wait on. One that was cancelled meanwhile, and that the engine surely has not, ends. */
export async function postponeRun(db: Queryable, { request_id, epoch }: HeldRun, later: LaterRun): Promise<void> {
  await db.query(
    `update pipeline_runs set not_before_ms = $3, posted_at_ms = $4, doubts = doubts + $5::int, message = coalesce($6, message)
     where request_id = $1 and epoch = $2 and state = 'waiting'`,
    [
      request_id,
      epoch,
      later.not_before_ms,
      later.doubtful_since_ms,
      later.is_doubt ? 1 : 0,
      later.why ? keepable(later.why) : null,
    ],
    PREPARED,
  );
  if (later.doubtful_since_ms === null) await endUnplaced(db, { request_id, epoch }, null);
}

/**
 * Ends a run that no engine is known to have: with an error, or as cancelled if it was and has none. If the engine may have it
 * (`doubtful_since_ms`), somebody looks after it in the same transaction; tried again, it is in doubt.
 */
export async function endUnplaced(
  db: Queryable,
  { request_id, epoch }: HeldRun,
  error: RunError | null,
  doubtful_since_ms: number | null = null,
): Promise<void> {
  await db.query(
    `with changed as (
       update pipeline_runs set state = case when cancelled_at_ms is null then 'error' else 'cancelled' end, ended_at_ms = now_ms(),
         error = case when cancelled_at_ms is null then $3::jsonb end, posted_at_ms = $4,
         message = case when cancelled_at_ms is null then $3::jsonb ->> 'message' else '' end, next_seq = next_seq + 1
       where request_id = $1 and epoch = $2 and state = 'waiting' and (cancelled_at_ms is not null or $3::jsonb is not null)
       returning *),
     ${TOLD}, ${DOUBTED} select 1`,
    [request_id, epoch, error && jsonText(error), doubtful_since_ms],
    PREPARED,
  );
}

/** Of the pipeline: a run that takes longer is ended. */
export interface Submitted {
  run_id: string;
  timeout_s: number;
}

/** What follows when an engine has a run: it is ended in time, and at once if it was cancelled. */
const FOLLOWED = `${TOLD},
  ending as (${dueFor("timeout", "changed", { at_ms: "now_ms() + $3 * 1000" })}),
  cancelled as (select * from changed where cancelled_at_ms is not null),
  cancelling as (${dueFor("cancel", "cancelled")})
  select 1 from changed`;
const SUBMITTED = `state = 'submitted', run_id = $2, submitted_at_ms = now_ms(), message = '', not_before_ms = null,
  posted_at_ms = null, version = 0, next_seq = next_seq + 1`;

/** An engine has the run that is held. False: it is another's, or was noted before. */
export async function recordSubmitted(
  db: Queryable,
  { request_id, epoch }: HeldRun,
  { run_id, timeout_s }: Submitted,
): Promise<boolean> {
  const submitted = await db.query(
    `with changed as (update pipeline_runs set ${SUBMITTED}
       where request_id = $1 and epoch = $4 and state = 'waiting' returning *), ${FOLLOWED}`,
    [request_id, run_id, timeout_s, epoch],
    PREPARED,
  );
  return submitted.length > 0;
}

/** An engine tells of a run of that name that nobody noted yet: whoever asked for it died, or is about to hear. */
export async function adoptRun(
  db: Queryable,
  { run_name, engine }: { run_name: string; engine: string },
  { run_id, timeout_s }: Submitted,
): Promise<boolean> {
  const adopted = await db.query(
    `with changed as (update pipeline_runs set ${SUBMITTED}
       where run_name = $1 and engine = $4 and state = 'waiting' and posted_at_ms is not null returning *), ${FOLLOWED}`,
    [run_name, run_id, timeout_s, engine],
    PREPARED,
  );
  return adopted.length > 0;
}
