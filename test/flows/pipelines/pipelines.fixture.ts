import { join } from "node:path";
import { decodeBody, type PipelineStatus } from "@gatehouse/events";
import { service as gateway } from "@gatehouse/gateway";
import { service as bridge } from "@gatehouse/pipeline-bridge";
import { createKey } from "@gatehouse/store";
import WebSocket from "ws";
import { contractOf } from "../../harness/engines/engine-client.ts";
import { EngineProcess } from "../../harness/engines/engine-process.ts";
import { runMesh } from "../../harness/run-mesh.ts";
import { startWorld, type World } from "../../harness/world.ts";

const FINAL = ["succeeded", "failed", "error", "cancelled"];
const WITHIN_MS = 30_000;
const parameters = { type: "object", properties: { number: { type: "integer" } }, required: ["number"] };

/** Both engines, two bridges and a gateway on real servers, and what a test asks of them. */
export interface Pipelines {
  world: World;
  engines: { argo: EngineProcess; kubeflow: EngineProcess };
  /** Asks the gateway as an operator. @throws when it refuses */
  api<Answer>(method: "GET" | "POST", path: string, body?: object): Promise<Answer>;
  /** Triggers over a WebSocket, and follows what is told there to its end. */
  triggerBySocket(fields: { request_id: string; pipeline: string; parameters: object }): Promise<PipelineStatus[]>;
  /** What is told of a run, to its end, or to such a status. */
  told(request_id: string, until?: PipelineStatus["status"]): Promise<PipelineStatus[]>;
  /** What the engines took for wrong in requests, and what was given up. */
  faults(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function setupPipelines(): Promise<Pipelines> {
  const world = await startWorld();
  const [argo, kubeflow] = await Promise.all(
    (["argo", "kubeflow"] as const).map((engine) =>
      EngineProcess.start({ engine, file: join(world.dir, `${engine}.jsonl`) }),
    ),
  );
  const env = {
    GATEHOUSE_PIPELINES__SETTLE_MS: "500",
    GATEHOUSE_PIPELINES__ARGO: JSON.stringify({ url: argo!.url, namespace: "ai" }),
    GATEHOUSE_PIPELINES__KUBEFLOW: JSON.stringify({ url: kubeflow!.url, namespace: "ai" }),
    GATEHOUSE_PIPELINES__CATALOGUE: JSON.stringify({
      "batch-inference": { parameters },
      "rag-query": { pipeline_id: "p-1", parameters },
    }),
  };
  const meshes = await Promise.all(
    [gateway, bridge, bridge].map((service) => runMesh(world, { services: [service], env })),
  );
  const url = meshes.flatMap((mesh) => mesh.doors().flatMap((door) => door.url ?? []))[0]!;
  const { secret } = await createKey(world.db, { label: "test", role: "operator", user_id: "ada" });
  return {
    world,
    engines: { argo: argo!, kubeflow: kubeflow! },
    async api<Answer>(method: string, path: string, body?: object) {
      const headers = { authorization: `Bearer ${secret}`, ...(body && { "content-type": "application/json" }) };
      const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
      const response = await fetch(`${url}${path}`, init);
      const answer = await response.text();
      if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${answer}`);
      return JSON.parse(answer) as Answer;
    },
    triggerBySocket: (fields) => triggerBySocket(`${url.replace(/^http/, "ws")}/ws`, secret, fields),
    told: (request_id, until) => told(world, request_id, until),
    async faults() {
      const contracts = await Promise.all([argo!, kubeflow!].map((engine) => contractOf(engine.url)));
      const { messages } = await world.bus.stream("DEAD_LETTERS");
      return [...contracts.flatMap(({ faults }) => faults), ...(messages > 0 ? [`${messages} dead letters`] : [])];
    },
    async stop() {
      await Promise.all(meshes.map((mesh) => mesh.stop()));
      await Promise.all([argo!.stop(), kubeflow!.stop(), world.stop()]);
    },
  };
}

async function told({ bus }: World, request_id: string, until?: string): Promise<PipelineStatus[]> {
  const all: PipelineStatus[] = [];
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, AbortSignal.timeout(WITHIN_MS)]);
  for await (const { body } of bus.follow("AI_PIPELINE", "all", {
    signal,
    filter: `ai.pipeline.status.${request_id}`,
  })) {
    const one = decodeBody(body).fields as unknown as PipelineStatus;
    all.push(one);
    if (until ? one.status === until : FINAL.includes(one.status)) done.abort();
  }
  return all;
}

function triggerBySocket(url: string, key: string, fields: { request_id: string }): Promise<PipelineStatus[]> {
  const { promise, resolve, reject } = Promise.withResolvers<PipelineStatus[]>();
  const socket = new WebSocket(url, ["gatehouse.v1.json"], { headers: { authorization: `Bearer ${key}` } });
  const late = setTimeout(() => reject(new Error(`${fields.request_id} had no end`)), WITHIN_MS);
  const all: PipelineStatus[] = [];
  const send = (request: object) => socket.send(JSON.stringify(request));
  socket.on("error", reject);
  socket.on("open", () => {
    const { request_id } = fields;
    send({ op: "subscribe", id: "s", subject: `ai.pipeline.status.${request_id}`, from: "all" });
    send({ op: "publish", id: "p", subject: "ai.pipeline.trigger", data: fields, msg_id: request_id });
  });
  socket.on("message", (text) => {
    const { op, data, ...rest } = JSON.parse(String(text)) as { op: string; data: PipelineStatus };
    if (op === "error") reject(new Error(JSON.stringify(rest)));
    if (op !== "message") return;
    all.push(data);
    if (FINAL.includes(data.status)) resolve(all);
  });
  return promise.finally(() => {
    clearTimeout(late);
    socket.terminate();
  });
}
