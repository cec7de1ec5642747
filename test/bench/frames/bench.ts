import { startCpu } from "../measure/cpu.ts";
import { atLeast, type Bench, type BenchOptions, type Report, shown } from "../measure/report.ts";
import { ratios, spread } from "../measure/spread.ts";
import { type Stand, startStand } from "./stand.ts";
import { BARE, OURS, type Path } from "./wire.ts";

const BYTES = 100_000;
const FRAMES = 400;
const SMOKE_FRAMES = 60;
const PATHS = [OURS, BARE];

interface Sample {
  per_s: number;
  cpu_us: Record<string, number>;
  foreign_cores: number;
}

/** Frames a second from the first publish to the last set of detections. */
export const frames: Bench = { name: "frames", run };

async function run({ smoke, rounds, tell, signal }: BenchOptions): Promise<Report> {
  const stand = await startStand({ bytes: BYTES, bare_asks: true, signal });
  const count = smoke ? SMOKE_FRAMES : FRAMES;
  const samples: Record<Path["name"], Sample[]> = { ours: [], bare: [] };
  try {
    // The first round warms the compilers up and is not counted.
    for (let round = smoke ? 1 : 0; round <= rounds; round++) {
      for (const path of round % 2 ? PATHS : PATHS.toReversed()) {
        const sample = await push(stand, path, `r${round}-${path.name}`, count);
        if (round > 0) samples[path.name].push(sample);
        tell(`frames: round ${round} of ${rounds}: ${path.name} ${Math.round(sample.per_s)}/s`);
      }
    }
    await stand.assertClean();
  } finally {
    await stand.stop();
  }
  return report(samples, count);
}

/** Publishes a batch and waits for its last set; each frame gives one. */
async function push({ loader, sink, pids }: Stand, path: Path, batch: string, count: number): Promise<Sample> {
  const endCpu = startCpu({ ...pids, loader: loader.pid, sink: sink.pid });
  const sent = await loader.ask("burst", { path, batch, count });
  const came = await sink.ask("collect", { batch, count });
  const { by_name, foreign_cores } = endCpu();
  const distinct = new Set(came.map(({ frame_id }) => frame_id)).size;
  if (came.length !== count || distinct !== count)
    throw new Error(`Cannot trust the frames: ${count} went in, ${came.length} sets of ${distinct} came out`);
  const took_ms = came.at(-1)!.at_ms - sent[0]!.at_ms;
  const cpu_us = Object.fromEntries(Object.entries(by_name).map(([name, used]) => [name, used / count]));
  return { per_s: (count / took_ms) * 1_000, cpu_us, foreign_cores };
}

function report(samples: Record<Path["name"], Sample[]>, count: number): Report {
  const rates = (name: Path["name"]): number[] => samples[name].map(({ per_s }) => per_s);
  const rows = PATHS.map(({ name }) => {
    const cpu = (part: string): string => shown(spread(samples[name].map(({ cpu_us }) => cpu_us[part]!)));
    const ratio = name === "ours" ? "1" : shown(ratios(rates("ours"), rates(name)), 2);
    const cells = [name, "detector", "broker", "stores", "loader"].map(cpu);
    return [name, shown(spread(rates(name))), ratio, ...cells, String(count * samples[name].length)];
  });
  return {
    bench: "frames",
    about: "100 KB frames from publish to detections, zero-cost detector, motion gate off",
    table: [
      ["", "frames/s", "ours / it", "own CPU us", "detector", "broker", "stores", "loader", "delivered"],
      ...rows,
    ],
    goals: [atLeast("frames/s on two cores, ours", spread(rates("ours")), 500)],
    notes: [
      "ours: checks the picture, keeps it on disk, one row in Postgres, then publishes; bare: decodes, asks the detector, publishes",
    ],
    foreign_cores: spread(PATHS.flatMap(({ name }) => samples[name].map(({ foreign_cores }) => foreign_cores))),
  };
}
