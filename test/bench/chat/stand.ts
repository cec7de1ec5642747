import { createKey } from "@gatehouse/store";
import { startWorld, type World } from "../../harness/world.ts";
import { Actor } from "../measure/actor.ts";
import type { Operations as Mesh } from "../measure/mesh-actor.ts";
import { PROFILED } from "../measure/profiled.ts";
import type { Operations as Asker } from "./asker.ts";
import type { Operations as Model } from "./model.ts";
import type { Operations as Relay } from "./relay.ts";
import type { Operations as Door } from "./relay-door.ts";
import type { Side } from "./wire.ts";

/** All sides on the same servers: each part a process of its own. */
export interface Stand {
  askers: Record<Side, Actor<Asker>>;
  /** Of a side's parts, the reader's too, for their CPU time; not of the model. */
  pids: Record<Side, Record<string, number>>;
  model_pid: number;
  /** @throws when a question was given up */
  assertClean(): Promise<void>;
  stop(): Promise<void>;
}

export async function startStand(signal: AbortSignal): Promise<Stand> {
  const world = await startWorld();
  const parts = fork(signal);
  const stop = async (): Promise<void> => {
    await Promise.all(Object.values(parts).map((part) => part.stop()));
    await world.stop();
  };
  try {
    await startParts(world, parts);
  } catch (error) {
    await stop();
    throw error;
  }
  const { direct, relayed, ours, relay, door, handler, gateway, model } = parts;
  const broker = world.nats.pid!;
  return {
    askers: { direct, relay: relayed, ours },
    pids: {
      direct: { reader: direct.pid },
      relay: { handler: relay.pid, door: door.pid, reader: relayed.pid, broker },
      ours: {
        handler: handler.pid,
        door: gateway.pid,
        reader: ours.pid,
        broker,
        postgres: world.postgres.pid!,
        redis: world.redis.pid!,
      },
    },
    model_pid: model.pid,
    assertClean: () => assertClean(world),
    stop,
  };
}

function fork(signal: AbortSignal) {
  const at = (file: string) => new URL(file, import.meta.url);
  const mesh = () => new Actor<Mesh>(at("../measure/mesh-actor.ts"), { signal, exec_args: PROFILED });
  const asker = () => new Actor<Asker>(at("./asker.ts"), { signal });
  return {
    model: new Actor<Model>(at("./model.ts"), { signal }),
    handler: mesh(),
    gateway: mesh(),
    relay: new Actor<Relay>(at("./relay.ts"), { signal }),
    door: new Actor<Door>(at("./relay-door.ts"), { signal }),
    direct: asker(),
    relayed: asker(),
    ours: asker(),
  };
}

async function startParts({ backing, dir, db }: World, parts: ReturnType<typeof fork>): Promise<void> {
  const model_url = await parts.model.ask("start", undefined as never);
  const llm = [{ kind: "openai", url: model_url, model: "bench", in_flight: 256 }];
  const env = { GATEHOUSE_MODELS__LLM: JSON.stringify(llm) };
  const { secret } = await createKey(db, { label: "bench", role: "admin" });
  await parts.relay.ask("start", { backing, model_url });
  const [door_url, [gateway_url]] = await Promise.all([
    parts.door.ask("start", { backing }),
    parts.gateway.ask("start", { dir, backing, services: ["gateway"], env }),
    parts.handler.ask("start", { dir, backing, services: ["chat-handler"], env }),
  ]);
  const ws_url = `${gateway_url!.replace(/^http/, "ws")}/ws`;
  await Promise.all([
    parts.direct.ask("prepare", { side: "direct", backing, model_url, ws_url: "", key: "" }),
    parts.relayed.ask("prepare", { side: "relay", backing, model_url, ws_url: door_url, key: "" }),
    parts.ours.ask("prepare", { side: "ours", backing, model_url, ws_url, key: secret }),
  ]);
}

async function assertClean({ bus, db }: World): Promise<void> {
  const { messages } = await bus.stream("DEAD_LETTERS");
  if (messages > 0) throw new Error(`Cannot trust the answers: ${messages} questions were given up`);
  const rows = await db.query("select 1 from answers where state <> 'done' or epoch <> 1");
  if (rows.length > 0) throw new Error(`Cannot trust the answers: ${rows.length} were not written in one go`);
}
