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
const MOST_WORDS = 1_000;

/** A run of Kubeflow's answer. @throws {EngineAnswerError} when it is none */
export function readRun(value: unknown, { checks, base_url, fault }: ReadOptions): EngineRun {
  if (!checks.run.holds(value)) {
    const [first] = checks.run.violations(value, 1);
    throw fault(EngineAnswerError, `the run's ${first?.path || "body"} ${first?.message ?? "does not fit"}`);
  }
  const { run_id, display_name: run_name, state = "" } = value;
  const created_at_ms = timeOf(value.created_at);
  if (created_at_ms === null)
    throw fault(EngineAnswerError, `the run's created_at must be a time: current value is "${value.created_at}"`);
  const status = ENDED[state] ?? openStatus(value);
  const started = value.state_history?.find((each) => each.state === "RUNNING")?.update_time;
  return {
    run_name,
    run_id,
    status,
    message: messageOf(value, status),
    version: versionOf(value, created_at_ms),
    created_at_ms,
    started_at_ms: timeOf(started),
    ended_at_ms: ENDED[state] ? (timeOf(value.finished_at) ?? lastChangeMs(value) ?? created_at_ms) : null,
    ...resultsOf(value, base_url),
  };
}

/** `CANCELING` and `PAUSED` stay what the run was: neither is an end. */
function openStatus({ state = "", state_history = [] }: KubeflowRun): RunStatus {
  const has_run = state === "RUNNING" || state_history.some((each) => each.state === "RUNNING");
  return has_run ? "running" : "pending";
}

function messageOf({ state, error, state_history = [] }: KubeflowRun, status: RunStatus): string {
  if (state === "CANCELING") return "is being cancelled";
  if (state === "PAUSED") return "is paused";
  if (status === "succeeded") return "";
  const said = error?.message ?? state_history.at(-1)?.error?.message ?? "";
  return said.slice(0, MOST_WORDS);
}

/**
 * Milliseconds of the last change, plus how many changes there were: Kubeflow keeps whole seconds, in which a run may change
 * several times.
 */
function versionOf(run: KubeflowRun, created_at_ms: number): number {
  return (lastChangeMs(run) ?? created_at_ms) + (run.state_history?.length ?? 0);
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
