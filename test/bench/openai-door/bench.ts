import { createKey } from "@gatehouse/store";
import { startWorld, type World } from "../../harness/world.ts";
import { Actor } from "../measure/actor.ts";
import { startCpu } from "../measure/cpu.ts";
import type { Operations as Mesh } from "../measure/mesh-actor.ts";
import { PROFILED } from "../measure/profiled.ts";
import { atMost, type Bench, type BenchOptions, type Report, shown } from "../measure/report.ts";
import { percentile, ratios, spread } from "../measure/spread.ts";
import type { Operations as Bare } from "./bare.ts";
import type { Operations as Loader } from "./loader.ts";
import type { Operations as Model } from "./model.ts";
import { ANSWER_TOKENS } from "./wire.ts";

/** What the OpenAI door adds to a model that costs nothing, beside a proxy that only passes bytes on. */
export const openaiDoor: Bench = { name: "openai-door", run };

const RATES = [250, 1_000];
const SECONDS = 4;
const SMOKE_SECONDS = 1;
const SIDES = ["model", "bare", "ours"] as const;
type Side = (typeof SIDES)[number];
/** Milliseconds of a round, and the CPU time of the door for each question. */
interface Sample {
  first_p95: number;
  whole_p50: number;
  whole_p95: number;
  cpu_us: number;
}
type Samples = Record<Side, Sample[]>;

const ENV = {
  GATEHOUSE_LIMITS__AI_PER_MIN: "1000000",
  GATEHOUSE_LIMITS__ADDRESS_PER_MIN: "1000000",
  GATEHOUSE_LIMITS__REQUESTS_PER_MIN: "1000000",
};

async function run(options: BenchOptions): Promise<Report> {
  const world = await startWorld();
  const actors: Actor<never>[] = [];
  const actor = <T extends Record<string, (args: never) => unknown>>(file: string, exec_args: string[] = []) => {
    const made = new Actor<T>(new URL(file, import.meta.url), { signal: options.signal, exec_args });
    actors.push(made as unknown as Actor<never>);
    return made;
  };
  try {
    const model = actor<Model>("./model.ts");
    const bare = actor<Bare>("./bare.ts");
    const ours = actor<Mesh>("../measure/mesh-actor.ts", PROFILED);
    const loader = actor<Loader>("./loader.ts");
    const url = await model.ask("start", undefined as never);
    const urls = { model: url, bare: await bare.ask("start", { url }), ours: await openDoor(world, ours, url) };
    const pids = { model: model.pid, bare: bare.pid, ours: ours.pid };
    const { secret: key } = await createKey(world.db, { label: "bench", role: "viewer", user_id: "ada" });
    return await playRounds({ loader, urls, pids, key }, options);
  } finally {
    await Promise.all(actors.map((made) => made.stop()));
    await world.stop();
  }
}

async function openDoor({ dir, backing }: World, ours: Actor<Mesh>, model_url: string): Promise<string> {
  const llm = [{ kind: "openai", url: model_url, model: "m", in_flight: 1_024 }];
  const env = { ...ENV, GATEHOUSE_MODELS__LLM: JSON.stringify(llm) };
  const [url] = await ours.ask("start", { dir, backing, services: ["gateway"], env });
  return url!;
}

interface Parts {
  loader: Actor<Loader>;
  urls: Record<Side, string>;
  pids: Record<Side, number>;
  key: string;
}

async function playRounds({ loader, urls, pids, key }: Parts, { smoke, rounds, tell }: BenchOptions): Promise<Report> {
  const found = RATES.map((per_s) => ({ per_s, samples: { model: [], bare: [], ours: [] } as Samples }));
  const foreign: number[] = [];
  for (let round = smoke ? 1 : 0; round <= rounds; round++)
    for (const { per_s, samples } of found)
      for (const side of round % 2 ? SIDES : SIDES.toReversed()) {
        const count = per_s * (smoke ? SMOKE_SECONDS : SECONDS);
        const endCpu = startCpu({ door: pids[side], loader: loader.pid });
        const times = await loader.ask("ask", { url: urls[side], key, per_s, count });
        const { by_name, foreign_cores } = endCpu();
        const of = (values: number[], p: number) =>
          percentile(
            values.toSorted((a, b) => a - b),
            p,
          );
        const [whole_p50, whole_p95] = [of(times.whole_ms, 50), of(times.whole_ms, 95)];
        const sample = { first_p95: of(times.first_ms, 95), whole_p50, whole_p95, cpu_us: by_name.door! / count };
        tell(`openai-door: round ${round} of ${rounds}, ${per_s}/s: ${side} ${JSON.stringify(sample)}`);
        if (round === 0) continue;
        samples[side].push(sample);
        foreign.push(foreign_cores);
      }
  return report(found, foreign);
}

function report(found: { per_s: number; samples: Samples }[], foreign: number[]): Report {
  const added = (samples: Samples, side: Side, what: keyof Sample): number[] =>
    samples[side].map((sample, round) => sample[what] - samples.model[round]![what]);
  const cell = (samples: Samples, side: Side, what: keyof Sample): string =>
    `${shown(spread(samples[side].map((sample) => sample[what])), 1)}`;
  const rows = found.flatMap(({ per_s, samples }) =>
    SIDES.map((side) => [
      `${per_s}/s ${side}`,
      cell(samples, side, "first_p95"),
      cell(samples, side, "whole_p50"),
      cell(samples, side, "whole_p95"),
      side === "model" ? "" : shown(spread(added(samples, side, "whole_p95")), 1),
      cell(samples, side, "cpu_us"),
    ]),
  );
  const goals = found.flatMap(({ per_s, samples }) => [
    atMost(
      `added, p95, ours / a bare proxy, ${per_s}/s`,
      ratios(added(samples, "ours", "whole_p95"), added(samples, "bare", "whole_p95")),
      2,
    ),
    atMost(`added, p95 ms, ${per_s}/s`, spread(added(samples, "ours", "whole_p95")), 8),
  ]);
  return {
    bench: "openai-door",
    about: `a streamed answer of ${ANSWER_TOKENS} tokens from a model that costs nothing, asked at fixed times`,
    table: [["", "first word p95 ms", "whole p50 ms", "p95 ms", "added, p95", "CPU us"], ...rows],
    goals,
    notes: [
      "bare: undici and node:http, bytes passed on; ours: keys, limits, checks, the ranked list, spending in Postgres",
    ],
    foreign_cores: spread(foreign),
  };
}
