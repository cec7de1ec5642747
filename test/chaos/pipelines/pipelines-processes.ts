import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@gatehouse/local";
import type { Script } from "../../harness/engines/switches.ts";
import { ServiceProcess } from "../../harness/service-process.ts";
import type { World } from "../../harness/world.ts";
import type { Happening, TroubledEngine } from "./engine-trouble.ts";
import { PIPELINES } from "./pipeline-people.ts";

/** Of a request to an engine. */
export const ENGINE_TIMEOUT_MS = 2_000;

const programOf = (engine: string): string =>
  fileURLToPath(new URL(`../../harness/engines/${engine}-main.ts`, import.meta.url));

export interface PipelinesProcessesOptions {
  /** Processes of the bridge. */
  replicas: number;
  /** How long a run takes. */
  run_ms: number;
  settle_ms: number;
  /** Of Argo also: what has ended is cleared away, watches go silent or leave out what happens, versions begin anew. */
  is_harsh: boolean;
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
    argo: { url: urls.argo, scripts, ...ARGO, ...(options.is_harsh ? HARSH : {}) },
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
    ...["eof", "clean", "cut"].map((how): Happening => ["end_watch", { how }]),
    ["shuffle", { on: true }],
    ["shuffle", { on: false }],
    ["expire", {}],
  ] as Happening[],
  standing: [],
  peace: [],
};
/** Longer than whatever keeps a bridge from seeing an end. */
const TTL_MS = 40_000;
const HARSH = {
  events: [
    ["end_watch", { how: "silence" }],
    ["gap", { ms: 1_500 }],
    ["fail_watch", { http_code: 400 }],
    ["anew", {}],
    ...ARGO.events,
  ] as Happening[],
  standing: [["ttl", { ms: TTL_MS }]] as Happening[],
  // A watch that is silent is left after 45 s only, by when what has ended is gone.
  peace: [["end_watch", { how: "cut" }]] as Happening[],
};
const KUBEFLOW = {
  submit: "RunService_CreateRun",
  others: ["GetRun", "ListRuns", "TerminateRun", "RetryRun"].map((name) => `RunService_${name}`),
  events: [],
  standing: [],
  peace: [],
};

const scriptsOf = (run_ms: number): { good: Script; failing: Script } => {
  const running = { state: "running", after_ms: run_ms / 4 };
  const end = (state: string) => ({ state, after_ms: (run_ms * 3) / 4, message: `it ${state}` });
  return { good: { steps: [running, end("succeeded")] }, failing: { steps: [running, end("failed")] } };
};

function settings(urls: { argo: string; kubeflow: string }, { settle_ms, run_ms }: PipelinesProcessesOptions) {
  const parameters = {
    type: "object",
    properties: { number: { type: "integer" } },
    required: ["number"],
    additionalProperties: false,
  };
  const timeout_ms = ENGINE_TIMEOUT_MS;
  // The end of a run whose versions began anew is believed then.
  const timeout_s = Math.max(30, (2 * run_ms) / 1_000);
  return {
    GATEHOUSE_PIPELINES__SETTLE_MS: String(settle_ms),
    GATEHOUSE_PIPELINES__ARGO: JSON.stringify({ url: urls.argo, namespace: "ai", timeout_ms }),
    GATEHOUSE_PIPELINES__KUBEFLOW: JSON.stringify({ url: urls.kubeflow, namespace: "ai", timeout_ms }),
    GATEHOUSE_PIPELINES__CATALOGUE: JSON.stringify({
      [PIPELINES.argo]: { engine: "argo", template: PIPELINES.argo, parameters, timeout_s },
      [PIPELINES.kubeflow]: { engine: "kubeflow", pipeline_id: "p-1", parameters, timeout_s },
    }),
  };
}
