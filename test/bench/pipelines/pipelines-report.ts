import { type Report, shown } from "../measure/report.ts";
import { ratios, type Spread, spread } from "../measure/spread.ts";
import { type EngineKind, SIDES, type Side } from "./wire.ts";

/** What one turn of a side took: milliseconds to each run, and microseconds of CPU per run by process. */
export interface Sample {
  per_s: number;
  p50: number;
  p99: number;
  cpu_us: Record<string, number>;
  foreign_cores: number;
}

/** All turns under one load, round by round. */
export interface Samples extends Record<Side, Sample[]> {
  engine: EngineKind;
  runs: number;
  /** Null: all at once. */
  per_s: number | null;
}

/** One process that watches many runs. */
export interface Watched {
  engine: EngineKind;
  runs: number;
  /** Before it had any. */
  idle_rss_mb: number;
  idle_pss_mb: number;
  rss_mb: number;
  pss_mb: number;
  /** Of one core. */
  cpu_percent: number;
  requests_per_s: number;
  foreign_cores: number;
}

export function reportPipelines(found: readonly Samples[], watched: readonly Watched[]): Report {
  return {
    bench: "pipelines",
    about: "a trigger on the bus until its run is told to be submitted, beside the same request by a bare fetch",
    table: [
      ["", "", "runs/s", "ours / bare", "p50 ms", "p99 ms", "CPU us/run", "of that"],
      ...found.flatMap((samples) => SIDES.map((side) => row(samples, side))),
    ],
    goals: [],
    notes: [
      "ours: the trigger is kept, checked and submitted by one process, and its run watched to its end; bare: a POST, nothing kept",
      "all at once: bare has 16 under way, as many as the bridge; CPU: of all processes, the engines' and the asker's too",
      ...watched.map(watchedNote),
    ],
    foreign_cores: spread(
      [...found.flatMap(({ ours, bare }) => [...ours, ...bare]), ...watched].map(({ foreign_cores }) => foreign_cores),
    ),
  };
}

function row(samples: Samples, side: Side): string[] {
  const { engine, per_s, runs } = samples;
  const of = (what: "per_s" | "p50" | "p99"): Spread => spread(samples[side].map((sample) => sample[what]));
  const rates = (one: Side): number[] => samples[one].map((sample) => sample.per_s);
  const names = Object.keys(samples[side][0]?.cpu_us ?? {});
  const parts = names.map(
    (name) => `${name} ${Math.round(spread(samples[side].map(({ cpu_us }) => cpu_us[name]!)).median)}`,
  );
  return [
    side === "ours" ? `${engine}, ${per_s === null ? `${runs} at once` : `${per_s}/s`}` : "",
    side,
    shown(of("per_s")),
    side === "ours" && per_s === null ? shown(ratios(rates("ours"), rates("bare")), 2) : "",
    shown(of("p50"), 1),
    shown(of("p99"), 1),
    shown(spread(samples[side].map(({ cpu_us }) => Object.values(cpu_us).reduce((all, us) => all + us, 0)))),
    parts.join(", "),
  ];
}

function watchedNote({ engine, runs, ...found }: Watched): string {
  const [rss, pss] = [
    [found.rss_mb, found.idle_rss_mb],
    [found.pss_mb, found.idle_pss_mb],
  ].map(([with_runs, without]) => `${with_runs!.toFixed(0)} MB (${without!.toFixed(0)} before it had any)`);
  return `${runs.toLocaleString("en")} runs of ${engine} watched by one process: RSS ${rss}, PSS ${pss}, ${found.cpu_percent.toFixed(1)} % of a core, ${found.requests_per_s.toFixed(1)} requests/s`;
}
