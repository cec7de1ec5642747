import { createKey } from "@gatehouse/store";
import { startWorld, type World } from "../../harness/world.ts";
import type { Sighting } from "../frames/wire.ts";
import { Actor } from "../measure/actor.ts";
import { startCpu } from "../measure/cpu.ts";
import type { Operations as Mesh } from "../measure/mesh-actor.ts";
import { type Bench, type BenchOptions, type Report, shown } from "../measure/report.ts";
import { percentile, ratios, spread } from "../measure/spread.ts";
import type { Operations as Bare } from "./bare.ts";
import type { Operations as Clients } from "./clients.ts";
import type { Operations as Loader } from "./loader.ts";

const CLIENTS = 50;
const PER_S = 20;
const SECONDS = 8;
const SMOKE_SECONDS = 1;
const NAMES = ["ours", "bare"] as const;
type Name = (typeof NAMES)[number];

interface Sample {
  p50: number;
  p99: number;
  cpu_us: number;
}

/** From the publish of an event to every WebSocket that follows it. */
export const gateway: Bench = { name: "gateway", run };

async function run(options: BenchOptions): Promise<Report> {
  const world = await startWorld();
  const actors: Actor<never>[] = [];
  const actor = <T extends Record<string, (args: never) => unknown>>(file: string): Actor<T> => {
    const made = new Actor<T>(new URL(file, import.meta.url), { signal: options.signal });
    actors.push(made as unknown as Actor<never>);
    return made;
  };
  try {
    const ours = actor<Mesh>("../measure/mesh-actor.ts");
    const bare = actor<Bare>("./bare.ts");
    const loader = actor<Loader>("./loader.ts");
    const clients = { ours: actor<Clients>("./clients.ts"), bare: actor<Clients>("./clients.ts") };
    await openDoors(world, { ours, bare, clients });
    return await playRounds(world, { loader, clients, pids: { ours: ours.pid, bare: bare.pid } }, options);
  } finally {
    await Promise.all(actors.map((made) => made.stop()));
    await world.stop();
  }
}

interface Doors {
  ours: Actor<Mesh>;
  bare: Actor<Bare>;
  clients: Record<Name, Actor<Clients>>;
}

async function openDoors({ dir, backing, db }: World, { ours, bare, clients }: Doors): Promise<void> {
  const [url] = await ours.ask("start", { dir, backing, services: ["gateway"], env: {} });
  const bare_url = await bare.ask("start", { backing, camera_id: "bare" });
  const { secret } = await createKey(db, { label: "bench", role: "admin" });
  const ws_url = `${url!.replace(/^http/, "ws")}/ws`;
  await clients.ours.ask("open", { url: ws_url, key: secret, camera_id: "ours", clients: CLIENTS });
  await clients.bare.ask("open", { url: bare_url, key: "", camera_id: "bare", clients: CLIENTS });
}

interface Parts {
  loader: Actor<Loader>;
  clients: Record<Name, Actor<Clients>>;
  pids: Record<Name, number>;
}

async function playRounds(
  { backing, nats }: World,
  { loader, clients, pids }: Parts,
  { smoke, rounds, tell }: BenchOptions,
): Promise<Report> {
  const count = PER_S * (smoke ? SMOKE_SECONDS : SECONDS);
  const samples: Record<Name, Sample[]> = { ours: [], bare: [] };
  const foreign: number[] = [];
  for (let round = smoke ? 1 : 0; round <= rounds; round++) {
    const batch = `r${round}`;
    // Each in its turn, on a camera of its own: two doors at once would wait for each other's sockets.
    for (const name of round % 2 ? NAMES : NAMES.toReversed()) {
      const endCpu = startCpu({ door: pids[name], loader: loader.pid, broker: nats.pid!, clients: clients[name].pid });
      const sent = await loader.ask("paced", { backing, camera_id: name, batch, count, every_ms: 1_000 / PER_S });
      const came = await clients[name].ask("collect", { batch, count: count * CLIENTS });
      const { by_name, foreign_cores } = endCpu();
      const { p50, p99 } = percentilesOf(name, sent, came);
      tell(`gateway: round ${round} of ${rounds}: ${name} p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms`);
      if (round === 0) continue;
      samples[name].push({ p50, p99, cpu_us: by_name.door! / count / CLIENTS });
      foreign.push(foreign_cores);
    }
  }
  return report(samples, foreign, count);
}

/** How long messages took to each socket, in ms; each came once to each. */
function percentilesOf(name: Name, sent: Sighting[], came: Sighting[]): { p50: number; p99: number } {
  const sent_at = new Map(sent.map(({ frame_id, at_ms }) => [frame_id, at_ms]));
  const times = new Map<string, number>();
  for (const { frame_id } of came) times.set(frame_id, (times.get(frame_id) ?? 0) + 1);
  const wrong = [...sent_at.keys()].filter((frame_id) => times.get(frame_id) !== CLIENTS);
  if (wrong.length > 0)
    throw new Error(
      `Cannot trust ${name}: "${wrong[0]}" came ${times.get(wrong[0]!) ?? 0} times to ${CLIENTS} sockets`,
    );
  const took_ms = came.map(({ frame_id, at_ms }) => at_ms - sent_at.get(frame_id)!).toSorted((a, b) => a - b);
  return { p50: percentile(took_ms, 50), p99: percentile(took_ms, 99) };
}

function report(samples: Record<Name, Sample[]>, foreign: number[], count: number): Report {
  const values = (name: Name, what: keyof Sample): number[] => samples[name].map((sample) => sample[what]);
  const ratio = (what: keyof Sample): string => shown(ratios(values("ours", what), values("bare", what)), 2);
  const rows = NAMES.map((name) => [
    name,
    shown(spread(values(name, "p50")), 1),
    shown(spread(values(name, "p99")), 1),
    shown(spread(values(name, "cpu_us")), 1),
    ...(name === "ours" ? ["1", "1"] : [ratio("p50"), ratio("p99")]),
    String(count * CLIENTS * samples[name].length),
  ]);
  return {
    bench: "gateway",
    about: `an event from publish to ${CLIENTS} WebSockets, ${PER_S}/s`,
    table: [["", "p50 ms", "p99 ms", "door CPU us", "p50, ours / it", "p99, ours / it", "delivered"], ...rows],
    goals: [],
    notes: ["bare: an ordered consumer and ws, without keys, rights, replay and bounds; CPU is per delivery"],
    foreign_cores: spread(foreign),
  };
}
