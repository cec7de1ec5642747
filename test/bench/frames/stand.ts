import { startWorld, TEST_STREAMS, type World } from "../../harness/world.ts";
import { Actor } from "../measure/actor.ts";
import type { Operations as Detector } from "../measure/detector.ts";
import type { Operations as Mesh } from "../measure/mesh-actor.ts";
import type { Operations as Bare } from "./bare.ts";
import type { Operations as Loader } from "./loader.ts";
import type { Operations as Sink } from "./sink.ts";
import { BARE, OURS } from "./wire.ts";

/** Both paths, running side by side on the same servers: each part a process of its own. */
export interface Stand {
  world: World;
  loader: Actor<Loader>;
  sink: Actor<Sink>;
  /** Of the parts, for their CPU time. */
  pids: Record<"ours" | "bare" | "detector" | "broker" | "stores", number>;
  /** @throws when a message was given up, or came again */
  assertClean(): Promise<void>;
  stop(): Promise<void>;
}

export interface StandOptions {
  /** Size of the pictures. */
  bytes: number;
  /** Whether the chain by hand asks the detector, too. */
  bare_asks: boolean;
  signal: AbortSignal;
}

export async function startStand({ bytes, bare_asks, signal }: StandOptions): Promise<Stand> {
  const world = await startWorld({ streams: { ...TEST_STREAMS, frames_mb: 512 } });
  const { backing, dir } = world;
  const actors: Actor<never>[] = [];
  const actor = <T extends Record<string, (args: never) => unknown>>(file: string): Actor<T> => {
    const made = new Actor<T>(new URL(file, import.meta.url), { signal });
    actors.push(made as unknown as Actor<never>);
    return made;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(actors.map((made) => made.stop()));
    await world.stop();
  };
  try {
    const detector = actor<Detector>("../measure/detector.ts");
    const ours = actor<Mesh>("../measure/mesh-actor.ts");
    const bare = actor<Bare>("./bare.ts");
    const loader = actor<Loader>("./loader.ts");
    const sink = actor<Sink>("./sink.ts");
    const detector_url = await detector.ask("start", undefined as never);
    await Promise.all([
      ours.ask("start", { dir, backing, services: ["detection-ingest"], env: settings(detector_url) }),
      bare.ask("start", { backing, detector_url: bare_asks ? detector_url : null }),
      loader.ask("open", { backing, bytes }),
      sink.ask("open", { backing, paths: [OURS, BARE] }),
    ]);
    const pids = {
      ours: ours.pid,
      bare: bare.pid,
      detector: detector.pid,
      broker: world.nats.pid!,
      stores: world.postgres.pid!,
    };
    return { world, loader, sink, pids, assertClean: () => assertClean(world), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const settings = (url: string): Record<string, string> => ({
  GATEHOUSE_MODELS__DETECTOR: JSON.stringify([{ kind: "http-detect", url }]),
  GATEHOUSE_DETECTION__MOTION_GATE: "false",
  GATEHOUSE_INGEST__DUPLICATE_TTL_S: "0",
});

async function assertClean({ bus }: World): Promise<void> {
  const { messages } = await bus.stream("DEAD_LETTERS");
  const [taker] = await bus.consumers("CAMERA_FRAMES");
  if (messages > 0) throw new Error(`Cannot trust the frames: ${messages} were given up`);
  if (taker!.redelivered > 0) throw new Error(`Cannot trust the frames: ${taker!.redelivered} came again`);
}
