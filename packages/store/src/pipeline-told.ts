import { DUE_AGAIN, FIRST_VERSION, PIPELINE_BRIDGE } from "./due.ts";

/** The kind of due work that keeps one of a run's namesakes, under its request_id. */
export const RECONCILE = "reconcile";

/** What a statement that makes due work of runs ends with: `insert into due … select …`. */
export const NEW_DUE = "insert into due (service, kind, key, due_at_ms, payload, trace, version)";
/** The rest of a row of due work, after its time. */
export const DUE_REST = `'null', trace, ${FIRST_VERSION}`;

/** Makes work of a kind due for each row of a CTE `runs`, at a time, by a key. */
export const dueFor = (kind: string, runs: string, { key = "request_id", at_ms = "now_ms()" } = {}): string =>
  `${NEW_DUE} select '${PIPELINE_BRIDGE}', '${kind}', ${key}, ${at_ms}, ${DUE_REST} from ${runs} ${DUE_AGAIN}`;

/**
 * CTEs that follow one called `changed`, of whole rows of runs whose state has changed and whose `next_seq` was raised for
 * it: each change is written down, and telling it is due, in the same statement.
 */
export const TOLD = `told as (
    insert into pipeline_statuses (request_id, seq, status, message, run_id, error, outputs, artifacts, at_ms)
    select request_id, next_seq - 1, state, message, run_id, error, outputs, artifacts, now_ms() from changed),
  telling as (${dueFor("tell", "changed")})`;

/** A CTE that follows one called `changed`: somebody looks, from now on, after the runs that their engine may have. */
export const DOUBTED = `doubted as (${NEW_DUE}
    select '${PIPELINE_BRIDGE}', '${RECONCILE}', request_id, now_ms(), jsonb_build_object('doubted_at_ms', now_ms()), trace,
      ${FIRST_VERSION} from changed where posted_at_ms is not null
    ${DUE_AGAIN}, payload = excluded.payload)`;

/** States from which nothing follows by itself. */
export const ENDED = "('succeeded', 'failed', 'error', 'cancelled')";
/** States of runs that an engine has. */
export const OPEN = "('submitted', 'pending', 'running')";
