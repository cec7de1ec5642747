import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EngineRun, KubeflowEngine, type PlacedRun, type PollPace } from "@gatehouse/pipeline-bridge";
import { afterEach, beforeEach, expect, onTestFinished } from "vitest";
import { contractOf, turnSwitches } from "../../harness/engines/engine-client.ts";
import type { EngineServer } from "../../harness/engines/engine-server.ts";
import { startKubeflowEngine } from "../../harness/engines/kubeflow-engine.ts";
import type { Fault, Script } from "../../harness/engines/switches.ts";
import { until } from "../../harness/until.ts";

export const NEVER: Script = { steps: [{ state: "running", after_ms: 0 }] };
export const PACE: PollPace = { least_ms: 5, most_ms: 40, gather_ms: 2, open_every_ms: 5, batch: 2, in_flight: 2 };
export const CREATE = "RunService_CreateRun";
export const LIST = "RunService_ListRuns";
/** Without a time limit: files that run one after another share it. Each request has its own. */
export const { signal } = new AbortController();

/** A file in a folder of its own, which goes with the test. */
export function newFile(name: string): string {
  const dir = mkdtempSync(join(tmpdir(), "kubeflow-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, name);
}

export function clientOf(url: string, { timeout_ms = 5_000, token = {} as { token?: { file: string } } } = {}) {
  const settings = { url, namespace: "ml", ca_file: null, timeout_ms, ...token };
  const client = new KubeflowEngine(settings, { pace: PACE });
  onTestFinished(() => client.close());
  return client;
}

const entry = {
  pipeline: "rag-query",
  engine: "kubeflow",
  template: null,
  pipeline_id: "p-1",
  version_id: "v-1",
  experiment_id: "e-1@ml",
  namespace: "ml",
  parameters: null,
  per_min: null,
  timeout_s: 60,
} as const;

export const newRun = (run_name: string) => ({
  run_name,
  request_id: "r-1",
  pipeline: "rag-query",
  entry,
  parameters: { question: "who?", top_k: 5, exact: true, of: ["a"], from: { day: null } },
});

export const placed = ({ run_name, run_id }: EngineRun): PlacedRun => ({ run_name, run_id, namespace: "ml" });

/** A Kubeflow of each test's own and a client of it, which never asks it for what its definitions do not have. */
export function useKubeflowClient() {
  let server: EngineServer;
  let kubeflow: KubeflowEngine;
  beforeEach(async () => {
    server = await startKubeflowEngine({ file: newFile("runs.jsonl") });
    kubeflow = clientOf(server.url);
  });
  afterEach(async () => {
    await kubeflow.close();
    const { faults } = await contractOf(server.url);
    await server.stop();
    expect(faults).toEqual([]);
  });
  return {
    url: () => server.url,
    client: () => kubeflow,
    submit: (run_name = "gh-1") => kubeflow.submit(newRun(run_name), { signal }),
    turn: (script: Script) => turnSwitches(server.url, { script }),
    fail: (operation: string, fault: Fault, count = 1) =>
      turnSwitches(server.url, { faults: [{ operation, count, fault }] }),
    /** It has a run that it cannot read, or about which it answers nothing, or (null) no longer. */
    spoil: ({ run_id }: EngineRun, how: "unread" | "500" | null) =>
      fetch(`${server.url}/_test/spoil`, { method: "POST", body: JSON.stringify({ run_id, how }) }),
    /** How often it was asked for lists. */
    asked: async () => (await contractOf(server.url)).requests[LIST] ?? 0,
    async runIs(run: EngineRun, status: string): Promise<EngineRun> {
      let seen = run;
      await until(`the run is ${status}`, async () => {
        const found = await kubeflow.find(run.run_name, "ml", { signal });
        seen = found.find((each) => each.run_id === run.run_id)!;
        return seen.status === status;
      });
      return seen;
    },
  };
}
