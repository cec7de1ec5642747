import { freePort } from "@gatehouse/local";
import { adoptKey } from "@gatehouse/store";
import { publishFrame } from "../harness/publish-frame.ts";
import { seeded } from "../harness/random.ts";
import { ServiceProcess } from "../harness/service-process.ts";
import { settled } from "../harness/settled.ts";
import { startWorld, type World } from "../harness/world.ts";
import { EventReader } from "./event-reader.ts";
import { planBlows } from "./plan.ts";
import { serversOf, strike } from "./strike.ts";
import { type ChaosVerdict, judgeWorld } from "./verdict.ts";

export interface StormOptions {
  frames: number;
  kills: number;
  pauses: number;
  /** Processes of each service, the gateway too. */
  replicas: number;
  seed: number;
  /** Between two blows, on average. */
  every_ms: number;
  tell(line: string): void;
}

const CAMERAS = ["gate", "yard", "door"];
const SETTLE_MS = 180_000;
const ADMIN_KEY = `gh_${"c".repeat(43)}`;

/** Publishes frames while everybody is killed and paused; afterwards the bus and the database are asked whether the promise held. */
export async function storm(options: StormOptions): Promise<ChaosVerdict> {
  const { tell } = options;
  const world = await startWorld();
  const gateway_ports: number[] = [];
  for (let replica = 0; replica < options.replicas; replica++) gateway_ports.push(await freePort());
  const processes = await startProcesses(world, gateway_ports);
  const reader = new EventReader(
    gateway_ports.map((port) => `ws://127.0.0.1:${port}/ws`),
    ADMIN_KEY,
  );
  try {
    reader.start();
    const victims = [...processes.filter(({ name }) => !name.startsWith("reference")), ...serversOf(world)];
    const plan = planBlows(
      victims.map(({ name }) => name),
      options,
    );
    tell(`${options.frames} frames, ${plan.length} blows on ${victims.length} victims, seed ${options.seed}`);
    const storming = strike(plan, victims, tell);
    const acknowledged = await publishFrames(world, options, storming.over);
    await storming.done;
    await settled(world, acknowledged.size, SETTLE_MS).catch((error: Error) => tell(error.message));
    const verdict = await judgeWorld(world, acknowledged);
    const { last_seq } = await world.bus.stream("SECURITY_EVENTS");
    verdict.faults.push(...(await reader.faults(last_seq)));
    tell(`the WebSocket reader was let in ${reader.connections.join(" and ")} times`);
    return verdict;
  } finally {
    await reader.stop();
    await Promise.all(processes.map((process) => process.stop()));
    await world.stop();
  }
}

async function startProcesses(world: World, gateway_ports: readonly number[]): Promise<ServiceProcess[]> {
  await adoptKey(world.db, ADMIN_KEY, { role: "admin", label: "chaos" });
  const models_port = await freePort();
  const models = new ServiceProcess(world, { service: "reference-models", args: ["--port", String(models_port)] });
  const url = `http://127.0.0.1:${models_port}`;
  const env = {
    GATEHOUSE_MODELS__DETECTOR: JSON.stringify([{ kind: "http-detect", url, timeout_ms: 10_000 }]),
    GATEHOUSE_MODELS__LLM: JSON.stringify([{ kind: "openai", url, model: "reference" }]),
    GATEHOUSE_BATCHING__IDLE_S: "2",
    GATEHOUSE_BATCHING__MAX_S: "10",
    GATEHOUSE_DETECTION__MOTION_GATE: "false",
  };
  const services = gateway_ports.flatMap((port, replica) => [
    new ServiceProcess(world, { service: "detection-ingest", replica, env }),
    new ServiceProcess(world, { service: "enrichment", replica, env }),
    new ServiceProcess(world, { service: "gateway", replica, env: { ...env, GATEHOUSE_GATEWAY__PORT: String(port) } }),
  ]);
  const all = [models, ...services];
  for (const process of all) process.start();
  return all;
}

/** Publishes each frame until the broker acknowledged it; spread over the storm. */
async function publishFrames(world: World, { frames, seed }: StormOptions, over: AbortSignal): Promise<Set<string>> {
  const random = seeded(seed + 1);
  const acknowledged = new Set<string>();
  for (let i = 0; i < frames; i++) {
    const camera_id = CAMERAS[Math.floor(random() * CAMERAS.length)]!;
    acknowledged.add(await publishFrame(world, camera_id, i));
    if (!over.aborted) await sleep(20 + random() * 60);
  }
  return acknowledged;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
