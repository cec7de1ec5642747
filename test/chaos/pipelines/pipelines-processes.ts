import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@gatehouse/local";
import type { Script } from "../../harness/engines/switches.ts";
import { ServiceProcess } from "../../harness/service-process.ts";
import type { World } from "../../harness/world.ts";
import type { TroubledEngine } from "./engine-trouble.ts";
import { PIPELINES } from "./pipeline-people.ts";

const programOf = (engine: string): string =>
  fileURLToPath(new URL(`../../harness/engines/${engine}-main.ts`, import.meta.url));

export interface PipelinesProcessesOptions {
  /** Processes of the bridge. */
  replicas: number;
  /** How long a run takes. */
  run_ms: number;
  settle_ms: number;
}

/** All that runs pipelines, each a process of its own. */
export interface PipelinesProcesses {
  engines: ServiceProcess[];
  bridges: ServiceProcess[];
  argo: TroubledEngine;
  kubeflow: TroubledEngine;
  stop(): Promise<void>;
}

/** Both test engines, and bridges. */
export async function startPipelines(world: World, options: PipelinesProcessesOptions): Promise<PipelinesProcesses> {
  const ports = { argo: await freePort(), kubeflow: await freePort() };
  const engines = (["argo", "kubeflow"] as const).map((service) => {
    const args = ["--port", String(ports[service]), "--file", join(world.dir, `${service}.jsonl`)];
    return new ServiceProcess(world, { service, program: programOf(service), args });
  });
  const urls = { argo: `http://127.0.0.1:${ports.argo}`, kubeflow: `http://127.0.0.1:${ports.kubeflow}` };
  const env = settings(urls, options);
  const bridges = Array.from(
    { length: options.replicas },
    (_, replica) => new ServiceProcess(world, { service: "pipeline-bridge", replica, env }),
  );
  const all = [...engines, ...bridges];
  for (const process of all) process.start();
  const scripts = scriptsOf(options.run_ms);
  return {
    engines,
    bridges,
    argo: { url: urls.argo, scripts, ...ARGO },
    kubeflow: { url: urls.kubeflow, scripts, ...KUBEFLOW },
    stop: async () => void (await Promise.all(all.map((process) => process.stop()))),
  };
}

const ARGO = {
  submit: "WorkflowService_SubmitWorkflow",
  others: ["GetWorkflow", "ListWorkflows", "TerminateWorkflow", "RetryWorkflow"].map(
    (name) => `WorkflowService_${name}`,
  ),
  events: [
    ...["eof", "clean", "cut"].map((how) => ["end_watch", { how }] as const),
    ["shuffle", { on: true }] as const,
    ["shuffle", { on: false }] as const,
    ["expire", {}] as const,
  ],
};
const KUBEFLOW = {
  submit: "RunService_CreateRun",
  others: ["GetRun", "ListRuns", "TerminateRun", "RetryRun"].map((name) => `RunService_${name}`),
  events: [],
};

const scriptsOf = (run_ms: number): { good: Script; failing: Script } => {
  const running = { state: "running", after_ms: run_ms / 4 };
  const end = (state: string) => ({ state, after_ms: (run_ms * 3) / 4, message: `it ${state}` });
  return { good: { steps: [running, end("succeeded")] }, failing: { steps: [running, end("failed")] } };
};

function settings(urls: { argo: string; kubeflow: string }, { settle_ms }: PipelinesProcessesOptions) {
  const parameters = {
    type: "object",
    properties: { number: { type: "integer" } },
    required: ["number"],
    additionalProperties: false,
  };
  const timeout_ms = 2_000;
  return {
    GATEHOUSE_PIPELINES__SETTLE_MS: String(settle_ms),
    GATEHOUSE_PIPELINES__ARGO: JSON.stringify({ url: urls.argo, namespace: "ai", timeout_ms }),
    GATEHOUSE_PIPELINES__KUBEFLOW: JSON.stringify({ url: urls.kubeflow, namespace: "ai", timeout_ms }),
    GATEHOUSE_PIPELINES__CATALOGUE: JSON.stringify({
      [PIPELINES.argo]: { engine: "argo", template: PIPELINES.argo, parameters },
      [PIPELINES.kubeflow]: { engine: "kubeflow", pipeline_id: "p-1", parameters },
    }),
  };
}
