import { startWorld, TEST_STREAMS, type World } from "../../harness/world.ts";
import { Actor } from "../measure/actor.ts";
import type { Operations as Detector, Finds } from "../measure/detector.ts";
import type { Operations as Mesh } from "../measure/mesh-actor.ts";
import type { Pictures } from "../measure/picture.ts";
import { PROFILED } from "../measure/profiled.ts";
import type { Operations as Bare } from "./bare.ts";
import type { Operations as Loader } from "./loader.ts";
import type { Operations as Sink } from "./sink.ts";
import { BARE, OURS, type Path, WIRE } from "./wire.ts";

/** Ours and the chains by hand, running side by side on the same servers: each part a process of its own. */
export interface Stand {
  loader: Actor<Loader>;
  sink: Actor<Sink>;
  /** Of the parts, for their CPU time. */
  pids: Record<Path["name"] | "detector" | "broker" | "postgres" | "redis" | "loader" | "sink", number>;
  /** @throws when a message was given up, or came again */
  assertClean(): Promise<void>;
  stop(): Promise<void>;
}

/** What is sent and what becomes of it. */
export interface StandOptions {
  pictures: Pictures;
  /** Size of the pictures. */
  bytes: number;
  /** Configuration of ours that differs from the defaults. */
  settings: Record<string, string>;
  finds: Finds;
  /** Whether the chains by hand ask the detector, too. */
  bare_asks: boolean;
  signal: AbortSignal;
}

export async function startStand(options: StandOptions): Promise<Stand> {
  const world = await startWorld({ streams: { ...TEST_STREAMS, frames_mb: 512 } });
  const parts = fork(options.signal);
  const stop = async (): Promise<void> => {
    await Promise.all(Object.values(parts).map((part) => part.stop()));
    await world.stop();
  };
  try {
    await startParts(world, parts, options);
  } catch (error) {
    await stop();
    throw error;
  }
  const own = Object.fromEntries(Object.entries(parts).map(([name, { pid }]) => [name, pid]));
  const servers = { broker: world.nats.pid!, postgres: world.postgres.pid!, redis: world.redis.pid! };
  const pids = { ...own, ...servers } as Stand["pids"];
  return { loader: parts.loader, sink: parts.sink, pids, assertClean: () => assertClean(world), stop };
}

function fork(signal: AbortSignal) {
  const at = (file: string) => new URL(file, import.meta.url);
  return {
    detector: new Actor<Detector>(at("../measure/detector.ts"), { signal }),
    ours: new Actor<Mesh>(at("../measure/mesh-actor.ts"), { signal, exec_args: PROFILED }),
    bare: new Actor<Bare>(at("./bare.ts"), { signal }),
    wire: new Actor<Bare>(at("./bare.ts"), { signal }),
    loader: new Actor<Loader>(at("./loader.ts"), { signal }),
    sink: new Actor<Sink>(at("./sink.ts"), { signal }),
  };
}

async function startParts(
  { backing, dir }: World,
  { detector, ours, bare, wire, loader, sink }: ReturnType<typeof fork>,
  { pictures, bytes, settings, finds, bare_asks }: StandOptions,
): Promise<void> {
  const url = await detector.ask("start", { finds });
  const env = { ...settings, GATEHOUSE_MODELS__DETECTOR: JSON.stringify([{ kind: "http-detect", url }]) };
  const by_hand = { backing, detector_url: bare_asks ? url : null };
  await Promise.all([
    ours.ask("start", { dir, backing, services: ["detection-ingest"], env }),
    bare.ask("start", { ...by_hand, path: BARE, decodes: true }),
    wire.ask("start", { ...by_hand, path: WIRE, decodes: false }),
    loader.ask("open", { backing, bytes, pictures }),
    sink.ask("open", { backing, paths: [OURS, BARE, WIRE] }),
  ]);
}

async function assertClean({ bus }: World): Promise<void> {
  const { messages } = await bus.stream("DEAD_LETTERS");
  const [taker] = await bus.consumers("CAMERA_FRAMES");
  if (messages > 0) throw new Error(`Cannot trust the frames: ${messages} were given up`);
  if (taker!.redelivered > 0) throw new Error(`Cannot trust the frames: ${taker!.redelivered} came again`);
}
