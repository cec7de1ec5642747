import { startStand } from "../frames/stand.ts";
import { BARE, OURS, type Path, type Sighting } from "../frames/wire.ts";
import { startCpu } from "../measure/cpu.ts";
import type { Finds } from "../measure/detector.ts";
import { atMost, type Bench, type BenchOptions, type Report, shown } from "../measure/report.ts";
import { percentile, ratios, spread } from "../measure/spread.ts";

const BYTES = 60_000;
const PER_S = 20;
const SECONDS = 10;
const SMOKE_SECONDS = 1;
const PATHS = [OURS, BARE];
const FINDS: readonly Finds[] = ["nothing", "person"];

const NAMES = ["ours", "bare"] as const;
type Name = (typeof NAMES)[number];

type Percentiles = Record<"p50" | "p99", number>;
interface Samples extends Record<Name, Percentiles[]> {
  /** Share of our frames about which the detector was asked, 0..1. */
  asked: number[];
  foreign: number[];
}

/** From the publish of a frame to its detections on the bus. */
export const latency: Bench = { name: "latency", run };

async function run(options: BenchOptions): Promise<Report> {
  const found = new Map<Finds, Samples>();
  for (const finds of FINDS) found.set(finds, await measure(finds, options));
  return report(found);
}

async function measure(finds: Finds, { smoke, rounds, tell, signal }: BenchOptions): Promise<Samples> {
  const stand = await startStand({ pictures: "scene", bytes: BYTES, settings: {}, finds, bare_asks: false, signal });
  const count = PER_S * (smoke ? SMOKE_SECONDS : SECONDS);
  const samples: Samples = { ours: [], bare: [], asked: [], foreign: [] };
  try {
    for (let round = smoke ? 1 : 0; round <= rounds; round++) {
      const batch = `r${round}`;
      const endCpu = startCpu(stand.pids);
      const every_ms = 1_000 / (PER_S * PATHS.length);
      const sent = await stand.loader.ask("paced", { paths: PATHS, batch, count, every_ms });
      const came = await stand.sink.ask("collect", { batch, count: count * PATHS.length });
      const [ours, bare] = PATHS.map((path) => percentilesOf(path, sent, came, count)) as [Percentiles, Percentiles];
      const asked =
        came.filter(({ frame_id, skipped }) => isOf(OURS, frame_id) && skipped === undefined).length / count;
      const { foreign_cores } = endCpu();
      tell(`latency: ${finds} found: round ${round} of ${rounds}: ours ${said(ours)}, bare ${said(bare)}`);
      if (round === 0) continue;
      samples.ours.push(ours);
      samples.bare.push(bare);
      samples.asked.push(asked);
      samples.foreign.push(foreign_cores);
    }
    await stand.assertClean();
  } finally {
    await stand.stop();
  }
  return samples;
}

const isOf = ({ name }: Path, frame_id: string): boolean => frame_id.includes(`-${name}-`);
const said = ({ p50, p99 }: Percentiles): string => `p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms`;

/** How long the frames of one path took, in ms; each came once. */
function percentilesOf(path: Path, sent: Sighting[], came: Sighting[], count: number): Percentiles {
  const sent_at = new Map(sent.map(({ frame_id, at_ms }) => [frame_id, at_ms]));
  const own = came.filter(({ frame_id }) => isOf(path, frame_id));
  if (own.length !== count || new Set(own.map(({ frame_id }) => frame_id)).size !== count)
    throw new Error(`Cannot trust the latencies: ${count} frames went into ${path.name}, ${own.length} sets came out`);
  const took_ms = own.map(({ frame_id, at_ms }) => at_ms - sent_at.get(frame_id)!).toSorted((a, b) => a - b);
  return { p50: percentile(took_ms, 50), p99: percentile(took_ms, 99) };
}

function report(found: ReadonlyMap<Finds, Samples>): Report {
  const values = (samples: Samples, name: Name, p: "p50" | "p99") => samples[name].map((one) => one[p]);
  const ratio = (samples: Samples, p: "p50" | "p99") => ratios(values(samples, "ours", p), values(samples, "bare", p));
  const rows = [...found].flatMap(([finds, samples]) =>
    NAMES.map((name) => [
      name === "ours" ? `${finds} found` : "",
      name,
      shown(spread(values(samples, name, "p50")), 1),
      shown(spread(values(samples, name, "p99")), 1),
      ...(name === "ours" ? ["1", "1"] : [shown(ratio(samples, "p50"), 2), shown(ratio(samples, "p99"), 2)]),
      name === "ours" ? `${Math.round(100 * spread(samples.asked).median)} %` : "",
    ]),
  );
  return {
    bench: "latency",
    about: `a scene of 640 x 480, 60 KB, from publish to detections, zero-cost detector, all gates on, ${PER_S}/s through each path in turn`,
    table: [["", "", "p50 ms", "p99 ms", "p50, ours / it", "p99, ours / it", "asked"], ...rows],
    goals: [...found].flatMap(([finds, samples]) => [
      atMost(`p50, ours / bare, ${finds} found`, ratio(samples, "p50"), 1.5),
      atMost(`p99, ours / bare, ${finds} found`, ratio(samples, "p99"), 2),
    ]),
    notes: [
      "bare: two hops and the decoding of the picture to a small one; no detector is asked and nothing is kept",
      "where a person is found, ours makes and keeps a thumbnail, too",
    ],
    foreign_cores: spread([...found.values()].flatMap(({ foreign }) => foreign)),
  };
}
