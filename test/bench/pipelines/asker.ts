import { setTimeout as timer } from "node:timers/promises";
import { decodeBody, encode } from "@gatehouse/events";
import type { Backing } from "@gatehouse/runtime";
import { type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { brokerOptions } from "../frames/wire.ts";
import { serve } from "../measure/actor.ts";
import { machineMs } from "../measure/clock.ts";
import { type EngineKind, NAMESPACE, PIPELINE, type Taken, type Turn } from "./wire.ts";

const SUBJECT = "ai.pipeline.status.";
const AT_ONCE = 16;
const WITHIN_MS = 600_000;

let urls: Record<EngineKind, string>;
let connection: NatsConnection;
let js: JetStreamClient;
/** Runs that are waited for, and what resolves them. */
const waiting = new Map<string, (status: string) => void>();

async function prepare(order: { backing: Backing; urls: Record<EngineKind, string> }): Promise<void> {
  urls = order.urls;
  connection = await connect(brokerOptions(order.backing));
  js = jetstream(connection);
  connection.subscribe(`${SUBJECT}*`, {
    callback: (_, { subject, data }) =>
      waiting.get(subject.slice(SUBJECT.length))?.(String(decodeBody(data).fields.status)),
  });
  await connection.flush();
}

/** Has runs made, and says how long each took. @throws when one is refused, or takes too long */
async function run({ side, engine, batch, runs, per_s }: Turn): Promise<Taken> {
  const one = side === "ours" ? trigger : submit;
  const free = new Places(side === "bare" && per_s === null ? AT_ONCE : runs);
  const began_ms = machineMs();
  const submitted_ms = await Promise.all(
    Array.from({ length: runs }, async (_, i) => {
      if (per_s !== null) await timer(Math.max(0, began_ms + (i * 1_000) / per_s - machineMs()));
      await free.take();
      const from_ms = machineMs();
      await one(engine, `${batch}-${i}`);
      free.give();
      return machineMs() - from_ms;
    }),
  );
  return { elapsed_ms: machineMs() - began_ms, submitted_ms };
}

async function trigger(engine: EngineKind, request_id: string): Promise<void> {
  const submitted = Promise.withResolvers<void>();
  const late = setTimeout(() => submitted.reject(new Error(`${request_id} was not submitted`)), WITHIN_MS);
  waiting.set(request_id, (status) => {
    if (status === "error") submitted.reject(new Error(`${request_id} was refused`));
    else submitted.resolve();
  });
  const body = encode({ request_id, pipeline: PIPELINE[engine], parameters: { number: 7 } });
  await Promise.all([js.publish("ai.pipeline.trigger", body, { msgID: request_id }), submitted.promise]);
  waiting.delete(request_id);
  clearTimeout(late);
}

async function submit(engine: EngineKind, name: string): Promise<void> {
  const { path, body } = requestOf(engine, name);
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${urls[engine]}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const made = await response.json();
  if (!response.ok) throw new Error(`${name} was refused: ${JSON.stringify(made)}`);
}

function requestOf(engine: EngineKind, name: string): { path: string; body: object } {
  if (engine === "argo") {
    const submitOptions = { name, labels: `request=${name}`, parameters: ["number=7"] };
    const template = { resourceKind: "WorkflowTemplate", resourceName: PIPELINE.argo };
    return {
      path: `/api/v1/workflows/${NAMESPACE}/submit`,
      body: { namespace: NAMESPACE, ...template, submitOptions },
    };
  }
  const pipeline_version_reference = { pipeline_id: PIPELINE.kubeflow };
  return {
    path: "/apis/v2beta1/runs",
    body: { display_name: name, pipeline_version_reference, runtime_config: { parameters: { number: 7 } } },
  };
}

/** Lets so many in at a time. */
class Places {
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(free: number) {
    this.#free = free;
  }

  async take(): Promise<void> {
    if (this.#free-- <= 0) await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  give(): void {
    this.#free++;
    this.#queue.shift()?.();
  }
}

const operations = { prepare, run };
export type Operations = typeof operations;

serve(operations, async () => connection?.close());
