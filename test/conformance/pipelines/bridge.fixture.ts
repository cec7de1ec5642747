import { join } from "node:path";
import { decodeBody, encode, type PipelineStatus } from "@gatehouse/events";
import { service } from "@gatehouse/pipeline-bridge";
import { applyStreams, type RunningMesh } from "@gatehouse/runtime";
import { findRun, type PipelineRunRow } from "@gatehouse/store";
import { mesh } from "@gatehouse/streams";
import { contractOf, runsOf, turnSwitches } from "../../harness/engines/engine-client.ts";
import { EngineProcess } from "../../harness/engines/engine-process.ts";
import type { Fault, Script } from "../../harness/engines/switches.ts";
import { impatient, leasesRunOut } from "../../harness/impatient.ts";
import { runDoomed } from "../../harness/run-doomed.ts";
import { runMesh } from "../../harness/run-mesh.ts";
import { until } from "../../harness/until.ts";
import { startWorld, TEST_STREAMS, type World } from "../../harness/world.ts";

export type EngineName = "argo" | "kubeflow";
/** The pipeline that a test runs at each engine. */
export const PIPELINES = { argo: "batch-inference", kubeflow: "rag-query" } as const;
export const SUBMIT = { argo: "WorkflowService_SubmitWorkflow", kubeflow: "RunService_CreateRun" } as const;

/** A run that goes on at once, and ends. */
export const ends = (state: string): Script => ({
  steps: [
    { state: "running", after_ms: 10 },
    { state, after_ms: 30, message: `it ${state}` },
  ],
});
/** A run that goes on until it is ended. */
export const GOES_ON: Script = { steps: [{ state: "running", after_ms: 10 }] };

const declared = impatient(mesh(TEST_STREAMS));
const FINAL = ["succeeded", "failed", "error", "cancelled"];
const WITHIN_MS = 30_000;

/** Both engines in processes of their own, and bridges on real servers that are run, killed and asked. */
export interface Bridge {
  world: World;
  engines: Record<EngineName, EngineProcess>;
  run(env?: Record<string, string>): Promise<RunningMesh>;
  /** A bridge dies right after a step first ended; the time passes for which it held its due work. */
  dieAfter(step: string): Promise<void>;
  publish(subject: string, fields: object): Promise<void>;
  trigger(request_id: string, engine: EngineName, parameters?: object): Promise<void>;
  script(engine: EngineName, script: Script): Promise<void>;
  /** The next submits at an engine meet this. */
  fail(engine: EngineName, fault: Fault, count?: number): Promise<void>;
  /** What was told of a run, to its end or such a status. */
  told(request_id: string, last?: string): Promise<PipelineStatus[]>;
  found(request_id: string): Promise<PipelineRunRow>;
  /** How many runs an engine ever made of that name. */
  made(engine: EngineName, request_id: string): Promise<number>;
  /** How many of those have ended at Argo. */
  ended(engine: "argo", request_id: string): Promise<number>;
  /** What the engines took for wrong in requests. */
  faults(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function setupBridge(own: Record<string, string> = {}): Promise<Bridge> {
  const world = await startWorld();
  await applyStreams(world.bus, declared);
  const [argo, kubeflow] = await Promise.all(
    (["argo", "kubeflow"] as const).map((engine) =>
      EngineProcess.start({ engine, file: join(world.dir, `${engine}.jsonl`) }),
    ),
  );
  const engines = { argo: argo!, kubeflow: kubeflow! };
  const settings = {
    GATEHOUSE_PIPELINES__SETTLE_MS: "300",
    GATEHOUSE_PIPELINES__ARGO: JSON.stringify({ url: engines.argo.url, namespace: "ai", timeout_ms: 2_000 }),
    GATEHOUSE_PIPELINES__KUBEFLOW: JSON.stringify({ url: engines.kubeflow.url, namespace: "ai", timeout_ms: 2_000 }),
    GATEHOUSE_PIPELINES__CATALOGUE: JSON.stringify({
      "batch-inference": { parameters: { type: "object", properties: { limit: { type: "integer", minimum: 1 } } } },
      "model-evaluation": { timeout_s: 1 },
      "rag-query": { pipeline_id: "p-1" },
    }),
    ...own,
  };
  const found = async (request_id: string) => (await findRun(world.db, request_id))!;
  const publish = async (subject: string, fields: object) => {
    await world.bus.publish(subject, encode(fields));
  };
  return {
    world,
    engines,
    run: (env = {}) => runMesh(world, { services: [service], env: { ...settings, ...env }, declared }),
    async dieAfter(step) {
      await runDoomed(world, { service: "pipeline-bridge", step, declared, env: settings });
      await leasesRunOut(world);
    },
    publish,
    trigger: (request_id, engine, parameters = {}) =>
      publish("ai.pipeline.trigger", { request_id, pipeline: PIPELINES[engine], parameters }),
    script: (engine, script) => turnSwitches(engines[engine].url, { script }),
    fail: (engine, fault, count = 1) =>
      turnSwitches(engines[engine].url, { faults: [{ operation: SUBMIT[engine], count, fault }] }),
    told: (request_id, last) => told(world, request_id, last),
    found,
    async made(engine, request_id) {
      const { run_name } = await found(request_id);
      const runs = await runsOf<{ given: { name?: string; display_name?: string } }>(engines[engine].url);
      return runs.filter(({ given }) => (given.name ?? given.display_name) === run_name).length;
    },
    async ended(engine, request_id) {
      const { run_name } = await found(request_id);
      const runs = await runsOf<{ given: { name: string }; history: { phase: string }[] }>(engines[engine].url);
      return runs.filter(({ given, history }) => given.name === run_name && history.at(-1)!.phase === "Failed").length;
    },
    async faults() {
      const contracts = await Promise.all([argo!, kubeflow!].map((engine) => contractOf(engine.url)));
      return contracts.flatMap(({ faults }) => faults);
    },
    async stop() {
      await Promise.all([argo!.stop(), kubeflow!.stop()]);
      await world.stop();
    },
  };
}

async function told({ bus }: World, request_id: string, last?: string): Promise<PipelineStatus[]> {
  const all: PipelineStatus[] = [];
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, AbortSignal.timeout(WITHIN_MS)]);
  const filter = `ai.pipeline.status.${request_id}`;
  for await (const { body } of bus.follow("AI_PIPELINE", "all", { signal, filter })) {
    const one = decodeBody(body).fields as unknown as PipelineStatus;
    all.push(one);
    if (last ? one.status === last : FINAL.includes(one.status)) done.abort();
  }
  return all;
}

/** Resolves when nothing is due of a run. */
export function idle({ world }: Bridge, request_id: string): Promise<void> {
  return until(`nothing is due of ${request_id}`, async () => {
    const due = await world.db.query("select 1 from due where key = $1 and kind in ('tell', 'cancel', 'retry')", [
      request_id,
    ]);
    return due.length === 0;
  });
}
