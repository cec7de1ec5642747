import { EngineAnswerError } from "../../errors.ts";
import type { EngineRun, RunStatus } from "../engine.ts";
import type { EngineFault } from "../http/engine-fault.ts";
import type { AnswerChecks, KubeflowRun } from "./kubeflow-answers.ts";
import { resultsOf } from "./run-results.ts";

export interface ReadOptions {
  checks: AnswerChecks;
  /** For links into Kubeflow's own pages. */
  base_url: string;
  fault: EngineFault;
}

const ENDED: Readonly<Record<string, RunStatus>> = {
  SUCCEEDED: "succeeded",
  SKIPPED: "succeeded",
  FAILED: "failed",
  CANCELED: "cancelled",
};
const CANCELING = "CANCELING";
const MOST_WORDS = 1_000;

/** A run of Kubeflow's answer. @throws {EngineAnswerError} when it is none */
export function readRun(value: unknown, { checks, base_url, fault }: ReadOptions): EngineRun {
  if (!checks.run.holds(value)) {
    const [first] = checks.run.violations(value, 1);
    const said = checks.known.holds(value) && value.error?.message;
    const why = said ? `: Kubeflow says ${JSON.stringify(said.slice(0, MOST_WORDS))}` : "";
    throw fault(EngineAnswerError, `the run's ${first?.path || "body"} ${first?.message ?? "does not fit"}${why}`);
  }
  const { run_id, display_name: run_name, state = "" } = value;
  const created_at_ms = timeOf(value.created_at);
  if (created_at_ms === null)
    throw fault(EngineAnswerError, `the run's created_at must be a time: current value is "${value.created_at}"`);
  const status = ENDED[state] ?? openStatus(value);
  const details = checks.details.holds(value.run_details) ? value.run_details : {};
  const { is_cut, ...results } = resultsOf(details, base_url);
  const started = value.state_history?.find((each) => each.state === "RUNNING")?.update_time;
  return {
    run_name,
    run_id,
    status,
    message: messageOf(value, status) || (is_cut ? "its outputs are larger than 65536 bytes and left out" : ""),
    version: versionOf(value, status, created_at_ms),
    created_at_ms,
    started_at_ms: timeOf(started),
    ended_at_ms: ENDED[state] ? (timeOf(value.finished_at) ?? lastChangeMs(value) ?? created_at_ms) : null,
    ...results,
  };
}

/** A run of which no more can be read than that there is one. As if it were the youngest: one that can be read is better. */
export function knownRun(value: unknown, checks: AnswerChecks, asked_name: string): EngineRun | null {
  if (!checks.known.holds(value)) return null;
  const { run_id, display_name, error } = value;
  const unknown = { started_at_ms: null, ended_at_ms: null, outputs: null, artifacts: [] };
  return {
    run_name: display_name || asked_name,
    run_id,
    status: "pending",
    message: (error?.message ?? "").slice(0, MOST_WORDS),
    version: 0,
    created_at_ms: Number.MAX_SAFE_INTEGER,
    ...unknown,
  };
}

/** `CANCELING` and `PAUSED` stay what the run was: neither is an end. */
function openStatus({ state = "", state_history = [] }: KubeflowRun): RunStatus {
  const has_run = state === "RUNNING" || state_history.some((each) => each.state === "RUNNING");
  return has_run ? "running" : "pending";
}

/** Whether Kubeflow has begun to end a run. */
export const isBeingCancelled = (value: unknown, { run }: AnswerChecks): boolean =>
  run.holds(value) && value.state === CANCELING;

function messageOf({ state, error, state_history = [] }: KubeflowRun, status: RunStatus): string {
  if (state === CANCELING) return "is being cancelled";
  if (state === "PAUSED") return "is paused";
  if (status === "succeeded") return "";
  const said = error?.message ?? state_history.at(-1)?.error?.message ?? "";
  return said.slice(0, MOST_WORDS);
}

const CHANGES: Readonly<Partial<Record<RunStatus, number>>> = { pending: 0, running: 1 };
const ALL_CHANGES = 2;

/**
 * Milliseconds of the last change, plus twice how many changes there were: Kubeflow keeps whole seconds, in which a run may
 * change several times. A state that the history does not have, or not yet, is in between: `CANCELING` is never there.
 */
function versionOf(run: KubeflowRun, status: RunStatus, created_at_ms: number): number {
  const { state = "", state_history = [], finished_at } = run;
  const last = state_history.at(-1);
  if (last) return (lastChangeMs(run) ?? created_at_ms) + 2 * state_history.length + (last.state === state ? 0 : 1);
  return Math.max(created_at_ms, timeOf(finished_at) ?? 0) + (CHANGES[status] ?? ALL_CHANGES);
}

function lastChangeMs({ state_history = [] }: KubeflowRun): number | null {
  const times = state_history.map((each) => timeOf(each.update_time)).filter((time) => time !== null);
  return times.length === 0 ? null : Math.max(...times);
}

/** Null for what is no time, and for the epoch, with which Kubeflow says that something did not happen yet. */
function timeOf(text: string | null | undefined): number | null {
  const time_ms = Date.parse(text ?? "");
  return time_ms > 0 ? time_ms : null;
}
