import { EngineAnswerError } from "../../errors.ts";
import type { EngineRun, RunStatus } from "../engine.ts";
import type { EngineFault } from "../http/engine-fault.ts";
import { resultsOf } from "./workflow-results.ts";
import type { Shapes, Workflow } from "./workflow-shape.ts";

const STATUSES: Readonly<Record<string, RunStatus>> = {
  "": "pending", // Argo's controller has not seen it
  Pending: "pending",
  Running: "running",
  Succeeded: "succeeded",
  Failed: "failed",
  Error: "error",
};
const MOST_WORDS = 1_000;

/** Whether it goes on no more by itself. */
export const hasEnded = ({ status }: EngineRun): boolean => status !== "pending" && status !== "running";

/** A workflow of Argo's answer. @throws {EngineAnswerError} when it is none */
export function checkWorkflow(value: unknown, { shapes, fault }: { shapes: Shapes; fault: EngineFault }): Workflow {
  if (shapes.workflow.holds(value)) return value;
  const [first] = shapes.workflow.violations(value, 1);
  throw fault(EngineAnswerError, `the workflow's ${first?.path || "body"} ${first?.message ?? "does not fit"}`);
}

/** A run of Argo's answer. @throws {EngineAnswerError} when it is none */
export function readWorkflow(value: unknown, checks: { shapes: Shapes; fault: EngineFault }): EngineRun {
  const workflow = checkWorkflow(value, checks);
  const { metadata, status: seen } = workflow;
  const status = STATUSES[seen?.phase ?? ""];
  const created_at_ms = timeOf(metadata.creationTimestamp);
  if (status === undefined)
    throw checks.fault(EngineAnswerError, `the workflow's phase must be known: current value is "${seen?.phase}"`);
  if (created_at_ms === null)
    throw checks.fault(
      EngineAnswerError,
      `the workflow's creationTimestamp must be a time: current value is "${metadata.creationTimestamp}"`,
    );
  const { outputs, artifacts, is_cut } = resultsOf(workflow);
  const message = seen?.message || (is_cut ? "its outputs are larger than 65536 bytes and left out" : "");
  return {
    run_name: metadata.name,
    run_id: metadata.name,
    status,
    message: message.slice(0, MOST_WORDS).toWellFormed(),
    version: Number(metadata.resourceVersion),
    created_at_ms,
    started_at_ms: timeOf(seen?.startedAt),
    ended_at_ms: timeOf(seen?.finishedAt),
    outputs,
    artifacts,
  };
}

/** Null where there is none, or none yet. */
function timeOf(text: string | null | undefined): number | null {
  const time_ms = Date.parse(text ?? "");
  return time_ms > 0 ? time_ms : null;
}
