import { startCpu } from "../measure/cpu.ts";
import { atLeast, type Bench, type BenchOptions, type Report, shown } from "../measure/report.ts";
import { ratios, spread } from "../measure/spread.ts";
import { type Stand, startStand } from "./stand.ts";
import { GOAL, VARIANTS, type Variant } from "./variants.ts";
import { BARE, OURS, type Path, WIRE } from "./wire.ts";

const BYTES = 100_000;
const FRAMES = 800;
const SMOKE_FRAMES = 60;
const PATHS = [OURS, BARE, WIRE];

interface Sample {
  per_s: number;
  /** Microseconds a frame, of each part. */
  cpu_us: Record<string, number>;
  /** Share of the frames about which the detector was asked, 0..1. */
  asked: number;
  foreign_cores: number;
}
type Samples = Record<Path["name"], Sample[]>;

/** Frames a second from the first publish to the last set of detections. */
export const frames: Bench = { name: "frames", run };

async function run(options: BenchOptions): Promise<Report> {
  const found = new Map<Variant, Samples>();
  for (const variant of options.smoke ? [GOAL] : VARIANTS) found.set(variant, await measure(variant, options));
  return report(found);
}

async function measure(
  { name: variant, pictures, settings, finds }: Variant,
  { smoke, rounds, tell, signal }: BenchOptions,
): Promise<Samples> {
  const stand = await startStand({ pictures, bytes: BYTES, settings, finds, bare_asks: true, signal });
  const samples: Samples = { ours: [], bare: [], wire: [] };
  try {
    // The first round warms the compilers up and is not counted.
    for (let round = smoke ? 1 : 0; round <= rounds; round++) {
      for (const path of round % 2 ? PATHS : PATHS.toReversed()) {
        const sample = await push(stand, path, `r${round}-${path.name}`, smoke ? SMOKE_FRAMES : FRAMES);
        if (round > 0) samples[path.name].push(sample);
        tell(`frames: ${variant}: round ${round} of ${rounds}: ${path.name} ${Math.round(sample.per_s)}/s`);
      }
    }
    await stand.assertClean();
  } finally {
    await stand.stop();
  }
  return samples;
}

/** Publishes a batch and waits for its last set; each frame gives one. */
async function push({ loader, sink, pids }: Stand, path: Path, batch: string, count: number): Promise<Sample> {
  const endCpu = startCpu(pids);
  const sent = await loader.ask("burst", { path, batch, count });
  const came = await sink.ask("collect", { batch, count });
  const { by_name, foreign_cores } = endCpu();
  const distinct = new Set(came.map(({ frame_id }) => frame_id)).size;
  if (came.length !== count || distinct !== count)
    throw new Error(`Cannot trust the frames: ${count} went in, ${came.length} sets of ${distinct} came out`);
  const took_ms = came.at(-1)!.at_ms - sent[0]!.at_ms;
  const cpu_us = Object.fromEntries(Object.entries(by_name).map(([name, used]) => [name, used / count]));
  const asked = came.filter(({ skipped }) => skipped === undefined).length / count;
  return { per_s: (count / took_ms) * 1_000, cpu_us, asked, foreign_cores };
}

const sum = (parts: Record<string, number>): number => Object.values(parts).reduce((all, one) => all + one, 0);

const middle = (values: readonly number[]): string => Math.round(spread(values).median).toLocaleString("en");

function report(found: ReadonlyMap<Variant, Samples>): Report {
  const rates = (samples: Samples, name: Path["name"]): number[] => samples[name].map(({ per_s }) => per_s);
  const rowsOf = ([variant, samples]: [Variant, Samples]): string[][] =>
    PATHS.map(({ name }) => {
      const us = (part: string): string => middle(samples[name].map(({ cpu_us }) => cpu_us[part]!));
      return [
        name === "ours" ? variant.name : "",
        name,
        shown(spread(rates(samples, name))),
        name === "ours" ? "1" : shown(ratios(rates(samples, "ours"), rates(samples, name)), 2),
        us(name),
        middle(samples[name].map(({ cpu_us }) => sum(cpu_us))),
        ...["detector", "broker", "postgres", "redis", "loader"].map((part) => us(part)),
        `${middle(samples[name].map(({ asked }) => 100 * asked))} %`,
      ];
    });
  const all = [...found.values()].flatMap((samples) => Object.values(samples).flat());
  return {
    bench: "frames",
    about: "100 KB frames of 640 x 480 from publish to detections, zero-cost detector",
    table: [
      [
        "",
        "",
        "frames/s",
        "ours / it",
        "own CPU us",
        "all CPU us",
        "detector",
        "broker",
        "postgres",
        "redis",
        "loader",
        "asked",
      ],
      ...[...found].flatMap(rowsOf),
    ],
    goals: [atLeast(`frames/s on two cores, ours, ${GOAL.name}`, spread(rates(found.get(GOAL)!, "ours")), 500)],
    notes: [
      "ours: checks the picture, keeps it on disk, one row in Postgres, then publishes; what is not named is as by default",
      "bare: takes, decodes to the same small picture, asks, publishes; wire: the same without decoding; neither keeps anything",
    ],
    foreign_cores: spread(all.map(({ foreign_cores }) => foreign_cores)),
  };
}
