import { Actor } from "../measure/actor.ts";
import { startCpu } from "../measure/cpu.ts";
import { atLeast, type Bench, type BenchOptions, type Report, shown } from "../measure/report.ts";
import { ratios, spread } from "../measure/spread.ts";
import type { Operations as Bare } from "./bare.ts";
import type { Operations as Ours } from "./ours.ts";
import type { Operations as Server } from "./server.ts";
import type { Order, Protocol, Taken } from "./wire.ts";

const SIZES = { "100 KB": 100_000, "1.2 MB": 1_200_000, "2.4 MB": 2_400_000 };
const AT_ONCE = 8;
/** Bytes of one sample of one client, and in how many turns they are sent. */
const SAMPLE_BYTES = 600_000_000;
const SMOKE_BYTES = 24_000_000;
const TURNS = 10;

/** One kind of call: `grpc, 1.2 MB`. */
interface Case {
  name: string;
  order: Order;
  ours: Taken[];
  bare: Taken[];
}

/** Pictures to a model server and its output back: our clients and the bare libraries. */
export const clients: Bench = { name: "clients", run };

async function run({ smoke, rounds, tell, signal }: BenchOptions): Promise<Report> {
  const actor = <T extends Record<string, (args: never) => unknown>>(file: string) =>
    new Actor<T>(new URL(file, import.meta.url), { signal });
  const server = actor<Server>("./server.ts");
  const sides = { ours: actor<Ours>("./ours.ts"), bare: actor<Bare>("./bare.ts") };
  try {
    const urls = await server.ask("start", undefined as never);
    const cases = casesOf(urls, smoke ? SMOKE_BYTES : SAMPLE_BYTES);
    const foreign: number[] = [];
    // The first round warms the compilers up and is not counted.
    for (let round = smoke ? 1 : 0; round <= rounds; round++) {
      const endCpu = startCpu({ server: server.pid, ours: sides.ours.pid, bare: sides.bare.pid });
      for (const one of cases) {
        const taken = await playCase(one.order, sides);
        if (round === 0) continue;
        one.ours.push(taken.ours);
        one.bare.push(taken.bare);
      }
      const { foreign_cores } = endCpu();
      if (round > 0) foreign.push(foreign_cores);
      tell(`clients: round ${round} of ${rounds} is over`);
    }
    return report(cases, foreign);
  } finally {
    await Promise.all([server, sides.ours, sides.bare].map((one) => one.stop()));
  }
}

function casesOf(urls: Record<Protocol, string>, bytes_each: number): Case[] {
  return (["grpc", "http"] as const).flatMap((protocol) =>
    Object.entries(SIZES).map(([size, bytes]) => ({
      name: `${protocol}, ${size}`,
      order: {
        protocol,
        url: urls[protocol],
        bytes,
        count: Math.ceil(bytes_each / bytes / TURNS) * TURNS,
        at_once: AT_ONCE,
      },
      ours: [],
      bare: [],
    })),
  );
}

type Sides = { ours: Actor<Ours>; bare: Actor<Bare> };

/** Both sides in short turns, so that whatever else the machine does falls on both. */
async function playCase(order: Order, sides: Sides): Promise<{ ours: Taken; bare: Taken }> {
  const sums = { ours: { elapsed_ms: 0, cpu_us: 0, answered: 0 }, bare: { elapsed_ms: 0, cpu_us: 0, answered: 0 } };
  const slice = { ...order, count: order.count / TURNS };
  for (let turn = 0; turn < TURNS * 2; turn++) {
    const name = (turn + (turn >> 1)) % 2 === 0 ? "ours" : "bare"; // ours, bare, bare, ours, …
    const { elapsed_ms, cpu_us, answered } = await sides[name].ask("run", slice);
    if (answered !== slice.count)
      throw new Error(`Cannot trust ${name}: ${answered} of ${slice.count} calls were answered`);
    sums[name].elapsed_ms += elapsed_ms;
    sums[name].cpu_us += cpu_us;
    sums[name].answered += answered;
  }
  return sums;
}

function report(cases: readonly Case[], foreign: readonly number[]): Report {
  const rates = ({ order }: Case, taken: readonly Taken[]): number[] =>
    taken.map(({ elapsed_ms }) => (order.count / elapsed_ms) * 1_000);
  const cpu = ({ order }: Case, taken: readonly Taken[]): string =>
    shown(spread(taken.map(({ cpu_us }) => cpu_us / order.count)));
  const rows = cases.map((one) => [
    one.name,
    shown(spread(rates(one, one.ours))),
    shown(spread(rates(one, one.bare))),
    shown(ratios(rates(one, one.ours), rates(one, one.bare)), 2),
    cpu(one, one.ours),
    cpu(one, one.bare),
  ]);
  return {
    bench: "clients",
    about: `a picture to a model server and its output back, ${AT_ONCE} at once; the server in a process of its own, wide windows`,
    table: [["", "ours, calls/s", "bare, calls/s", "ours / bare", "ours, CPU us", "bare, CPU us"], ...rows],
    goals: cases.map((one) =>
      atLeast(`${one.name}, ours / bare`, ratios(rates(one, one.ours), rates(one, one.bare)), 0.9),
    ),
    notes: [
      "ours: the detector with slots, breaker, deadlines, retries and checks; bare: grpc-js with the same window, undici",
    ],
    foreign_cores: spread(foreign),
  };
}
