import { service as detectionIngest } from "@gatehouse/detection-ingest";
import { service as enrichment } from "@gatehouse/enrichment";
import { startReferenceModels } from "@gatehouse/reference-models";
import type { ServiceReadiness } from "@gatehouse/runtime";
import { publishFrame } from "../harness/publish-frame.ts";
import { runMesh } from "../harness/run-mesh.ts";
import { settled } from "../harness/settled.ts";
import { startWorld, type World } from "../harness/world.ts";
import { type ChaosVerdict, judgeWorld } from "./verdict.ts";

export interface OutageOptions {
  server: "nats" | "postgres" | "redis";
  /** How long it is away. */
  seconds: number;
  /** Frames published in that time (after it, where the broker itself is away), one each 100 ms. */
  frames: number;
}

export interface OutageVerdict extends ChaosVerdict {
  /** What `/readyz` said in the middle of it. */
  readiness: ServiceReadiness[];
  health_status: number;
}

/** Takes a backing server away under load, and back. */
export async function outage({ server: name, seconds, frames }: OutageOptions): Promise<OutageVerdict> {
  const world = await startWorld();
  const models = await startReferenceModels({ host: "127.0.0.1", port: 0 });
  const mesh = await runMesh(world, { services: [detectionIngest, enrichment], env: settings(models.url) });
  const server = world[name];
  try {
    await publish(world, 0, 5);
    await server.stop();
    const load = name === "nats" ? Promise.resolve() : publish(world, 5, frames);
    const health = await readWhenNamed(mesh.health_url, name, seconds * 1_000);
    await new Promise((resolve) => setTimeout(resolve, health.left_ms));
    await server.start();
    await load;
    if (name === "nats") await publish(world, 5, frames);
    await settled(world, frames, 120_000);
    const all = Array.from({ length: frames }, (_, i) => `gate.f-${i}`);
    return { ...(await judgeWorld(world, new Set(all))), readiness: health.services, health_status: health.status };
  } finally {
    await mesh.stop();
    await models.stop();
    await world.stop();
  }
}

function settings(url: string): Record<string, string> {
  return {
    GATEHOUSE_MODELS__DETECTOR: JSON.stringify([{ kind: "http-detect", url }]),
    GATEHOUSE_MODELS__LLM: JSON.stringify([{ kind: "openai", url, model: "reference" }]),
    GATEHOUSE_BATCHING__IDLE_S: "2",
    GATEHOUSE_DETECTION__MOTION_GATE: "false",
  };
}

async function publish(world: World, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) {
    await publishFrame(world, "gate", i);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

interface Named {
  status: number;
  services: ServiceReadiness[];
  left_ms: number;
}

/** Asks `/readyz` until it names what is away, at most for the time of the outage. */
async function readWhenNamed(health_url: string, name: string, most_ms: number): Promise<Named> {
  const word = name === "nats" ? "broker" : name;
  const began_ms = Date.now();
  let last: Named = { status: 0, services: [], left_ms: 0 };
  while (Date.now() - began_ms < most_ms) {
    const answer = await fetch(`${health_url}/readyz`);
    const { services } = (await answer.json()) as { services: ServiceReadiness[] };
    last = { status: answer.status, services, left_ms: Math.max(0, most_ms - (Date.now() - began_ms)) };
    if (services.every(({ reasons }) => reasons.some(({ message }) => message.includes(word)))) return last;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { ...last, left_ms: 0 };
}
