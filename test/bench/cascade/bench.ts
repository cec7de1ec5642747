import { Actor } from "../measure/actor.ts";
import { startCpu } from "../measure/cpu.ts";
import { atMost, type Bench, type BenchOptions, type Report, shown } from "../measure/report.ts";
import { percentile, spread } from "../measure/spread.ts";
import type { Operations as Asker } from "./asker.ts";
import type { Operations as Server } from "./server.ts";
import { ANSWER_TOKENS, type Times, VARIANTS, type Variant } from "./wire.ts";

/** What a ranked list of language models adds to asking one by hand. */
export const cascade: Bench = { name: "cascade", run };

const ASKED = 400;
const SMOKE_ASKED = 20;
const GOAL_MS = 0.2;

type Round = Record<Variant, { first_ms: number; whole_ms: number }>;

async function run({ smoke, rounds, tell, signal }: BenchOptions): Promise<Report> {
  const server = new Actor<Server>(new URL("./server.ts", import.meta.url), { signal });
  const asker = new Actor<Asker>(new URL("./asker.ts", import.meta.url), { signal });
  const medians: Round[] = [];
  const foreign_cores: number[] = [];
  try {
    const url = await server.ask("start", undefined as never);
    // The first round warms the compilers up and is not counted.
    for (let round = smoke ? 1 : 0; round <= rounds; round++) {
      const endCpu = startCpu({ server: server.pid, asker: asker.pid });
      const times = await asker.ask("run", { url, asked: smoke ? SMOKE_ASKED : ASKED });
      foreign_cores.push(endCpu().foreign_cores);
      if (round > 0) medians.push(mediansOf(times));
      tell(`cascade: round ${round} of ${rounds}`);
    }
  } finally {
    await Promise.all([server.stop(), asker.stop()]);
  }
  return report(medians, spread(foreign_cores));
}

function mediansOf(times: Record<Variant, Times[]>): Round {
  const p50 = (values: number[]): number =>
    percentile(
      values.toSorted((a, b) => a - b),
      50,
    );
  const of = (variant: Variant) => ({
    first_ms: p50(times[variant].map(({ first_ms }) => first_ms)),
    whole_ms: p50(times[variant].map(({ whole_ms }) => whole_ms)),
  });
  return { bare: of("bare"), one: of("one"), two: of("two"), skipped: of("skipped") };
}

function report(medians: readonly Round[], foreign_cores: Report["foreign_cores"]): Report {
  const added = (variant: Variant, to: keyof Times) =>
    spread(medians.map((round) => round[variant][to] - round.bare[to]));
  const rows = VARIANTS.map((variant) => [
    variant,
    shown(spread(medians.map((round) => round[variant].first_ms)), 3),
    variant === "bare" ? "" : shown(added(variant, "first_ms"), 3),
    shown(spread(medians.map((round) => round[variant].whole_ms)), 3),
    variant === "bare" ? "" : shown(added(variant, "whole_ms"), 3),
  ]);
  return {
    bench: "cascade",
    about: `an answer of ${ANSWER_TOKENS} tokens from a model that does not think, one question at a time; medians of each round`,
    table: [["", "first token, p50 ms", "added", "whole answer, p50 ms", "added"], ...rows],
    goals: [
      atMost("first token, p50 ms, a list of two - by hand", added("two", "first_ms"), GOAL_MS),
      atMost("first token, p50 ms, the first skipped - by hand", added("skipped", "first_ms"), GOAL_MS),
      atMost("whole answer, p50 ms, a list of two - by hand", added("two", "whole_ms"), GOAL_MS),
    ],
    notes: [
      "bare: undici and each event parsed, by hand; one, two: entries of the list; skipped: the first of two is down, its circuit open",
    ],
    foreign_cores,
  };
}
