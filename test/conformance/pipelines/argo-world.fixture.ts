import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ArgoEngine,
  type EngineRun,
  type NewEngineRun,
  type PlacedRun,
  WATCH_PACE,
  type WatchPace,
} from "@gatehouse/pipeline-bridge";
import { expect, onTestFinished } from "vitest";
import { startArgoEngine } from "../../harness/engines/argo-engine.ts";
import { contractOf, turnSwitches } from "../../harness/engines/engine-client.ts";
import type { Fault, Script } from "../../harness/engines/switches.ts";
import { until } from "../../harness/until.ts";

export const SUBMIT = "WorkflowService_SubmitWorkflow";
export const LIST = "WorkflowService_ListWorkflows";
export const GET = "WorkflowService_GetWorkflow";
export const WATCH = "WorkflowService_WatchWorkflows";
/** Without a time limit: files that run one after another share it. Each request has its own. */
export const { signal } = new AbortController();
/** Nothing that is due by itself comes within a test. */
const PACE: WatchPace = { ...WATCH_PACE, reopen_ms: 2, most_reopen_ms: 20, recheck_ms: 60_000, relist_ms: 60_000 };

/** A file in a folder of its own, gone when the test is over. */
export function newFile(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), "argo-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, name);
}

const entry = {
  pipeline: "batch-inference",
  engine: "argo",
  template: "batch-inference",
  pipeline_id: null,
  version_id: null,
  experiment_id: null,
  namespace: "ai",
  parameters: null,
  per_min: null,
  timeout_s: 60,
} as const;

export const newRun = (run_name: string, more: Partial<NewEngineRun> = {}): NewEngineRun => ({
  run_name,
  request_id: "_r-1",
  pipeline: "batch-inference",
  entry,
  parameters: { model: "yolo=26", top_k: 5, of: ["a"] },
  ...more,
});

export const template = (name: string): Pick<NewEngineRun, "entry"> => ({ entry: { ...entry, template: name } });
export const placed = (run_name: string): PlacedRun => ({ run_name, run_id: run_name, namespace: "ai" });

/** An Argo and a client of it; when the test is over, no request was other than what was published. */
export async function setup(options: { token?: string } = {}) {
  const server = await startArgoEngine({ file: newFile("runs.jsonl"), token: options.token ?? null });
  const argo = clientOf(server.url);
  onTestFinished(async () => {
    const { faults } = await contractOf(server.url);
    await server.stop();
    expect(faults).toEqual([]);
  });
  const control = (name: string, body: object = {}) =>
    fetch(`${server.url}/_test/${name}`, { method: "POST", body: JSON.stringify(body) });
  const fail = (operation: string, fault: Fault, count = 1) =>
    turnSwitches(server.url, { faults: [{ operation, count, fault }] });
  const script = (steps: Script["steps"], made: Omit<Script, "steps"> = {}) =>
    turnSwitches(server.url, { script: { steps, ...made } });
  const submit = (run_name = "gh-1") => argo.submit(newRun(run_name), { signal });
  const becomes = async (run_name: string, status: string) => {
    let run: EngineRun | undefined;
    await until(`${run_name} is ${status}`, async () => {
      [run] = await argo.find(run_name, "ai", { signal });
      return run?.status === status;
    });
    return run!;
  };
  return { server, argo, control, fail, script, submit, becomes };
}

interface ClientOptions {
  timeout_ms?: number;
  token?: { file: string };
  pace?: Partial<WatchPace>;
  skipped?: (error: Error) => void;
}

export function clientOf(url: string, { timeout_ms = 5_000, pace, skipped, ...token }: ClientOptions = {}): ArgoEngine {
  const settings = { url, namespace: "ai", ca_file: null, timeout_ms, ...token };
  const client = new ArgoEngine(settings, { pace: { ...PACE, ...pace }, ...(skipped ? { skipped } : {}) });
  onTestFinished(() => client.close());
  return client;
}
