import { startCpu } from "../measure/cpu.ts";
import type { Bench, BenchOptions, Report } from "../measure/report.ts";
import { percentile } from "../measure/spread.ts";
import { reportPipelines, type Sample, type Samples, type Watched } from "./pipelines-report.ts";
import { type Stand, startStand } from "./stand.ts";
import { watchMany } from "./watch-many.ts";
import { ENGINES, SIDES, type Side, type Turn } from "./wire.ts";

const BURST = { runs: 300, per_s: null };
const PACED = { runs: 60, per_s: 20 };
const SMOKE = [{ runs: 12, per_s: null }];
const WATCHED = { runs: 5_000, for_ms: 10_000 };
const SMOKE_WATCHED = { runs: 12, for_ms: 200 };

/** From a trigger on the bus to its run; and many runs watched at once. */
export const pipelines: Bench = { name: "pipelines", run };

async function run(options: BenchOptions): Promise<Report> {
  const { smoke, signal } = options;
  const watched: Watched[] = [];
  const stand = await startStand(signal);
  const found = await submit(stand, options).finally(() => (smoke ? undefined : stand.stop()));
  for (const engine of ENGINES) {
    // Each with a bridge that has nothing else to watch.
    const own = smoke ? stand : await startStand(signal);
    watched.push(await watchMany(own, engine, smoke ? SMOKE_WATCHED : WATCHED).finally(() => own.stop()));
    if (smoke) break;
  }
  return reportPipelines(found, watched);
}

async function submit(stand: Stand, { smoke, rounds, tell }: BenchOptions): Promise<Samples[]> {
  const found = ENGINES.flatMap((engine) =>
    (smoke ? SMOKE : [BURST, PACED]).map((load): Samples => ({ engine, ...load, ours: [], bare: [] })),
  );
  for (let round = smoke ? 1 : 0; round <= rounds; round++)
    for (const samples of found)
      for (const side of round % 2 ? SIDES : SIDES.toReversed()) {
        const { engine, runs, per_s } = samples;
        const batch = `${round}-${engine}-${side}-${per_s ?? "burst"}`;
        const sample = await play(stand, { side, engine, runs, per_s, batch });
        // The first round warms the compilers up and is not counted.
        if (round > 0) samples[side].push(sample);
        tell(`pipelines: round ${round} of ${rounds}: ${said(side, samples, sample)}`);
      }
  await stand.assertClean();
  return found;
}

async function play({ asker, pids, calm }: Stand, turn: Turn): Promise<Sample> {
  const endCpu = startCpu(pids);
  const { elapsed_ms, submitted_ms } = await asker.ask("run", turn);
  const { by_name, foreign_cores } = endCpu();
  await calm();
  const sorted = submitted_ms.toSorted((a, b) => a - b);
  return {
    per_s: (turn.runs / elapsed_ms) * 1_000,
    p50: percentile(sorted, 50),
    p99: percentile(sorted, 99),
    cpu_us: Object.fromEntries(Object.entries(by_name).map(([name, us]) => [name, us / turn.runs])),
    foreign_cores,
  };
}

const said = (side: Side, { engine, per_s: paced }: Samples, { per_s, p50, p99 }: Sample): string =>
  `${engine}, ${paced === null ? "all at once" : `${paced}/s`}, ${side}: ${per_s.toFixed(0)}/s, ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
