import { startStand } from "../frames/stand.ts";
import { BARE, OURS, type Path, type Sighting } from "../frames/wire.ts";
import { startCpu } from "../measure/cpu.ts";
import { atMost, type Bench, type BenchOptions, type Report, shown } from "../measure/report.ts";
import { percentile, ratios, spread } from "../measure/spread.ts";

const BYTES = 60_000;
const PER_S = 20;
const SECONDS = 10;
const SMOKE_SECONDS = 1;
const PATHS = [OURS, BARE];

type Percentiles = Record<"p50" | "p99", number>;

/** From the publish of a frame to its detections on the bus. */
export const latency: Bench = { name: "latency", run };

async function run({ smoke, rounds, tell, signal }: BenchOptions): Promise<Report> {
  const stand = await startStand({ bytes: BYTES, bare_asks: false, signal });
  const count = PER_S * (smoke ? SMOKE_SECONDS : SECONDS);
  const samples: Record<Path["name"], Percentiles[]> = { ours: [], bare: [] };
  const foreign: number[] = [];
  try {
    for (let round = smoke ? 1 : 0; round <= rounds; round++) {
      const batch = `r${round}`;
      const endCpu = startCpu({ ...stand.pids, loader: stand.loader.pid, sink: stand.sink.pid });
      const every_ms = 1_000 / (PER_S * PATHS.length);
      const sent = await stand.loader.ask("paced", { paths: PATHS, batch, count, every_ms });
      const came = await stand.sink.ask("collect", { batch, count: count * PATHS.length });
      const found = PATHS.map(({ name }) => ({ name, ...percentilesOf(name, sent, came, count) }));
      if (round > 0) for (const { name, ...values } of found) samples[name].push(values);
      if (round > 0) foreign.push(endCpu().foreign_cores);
      tell(
        `latency: round ${round} of ${rounds}: ${found.map(({ name, p50, p99 }) => `${name} p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms`).join(", ")}`,
      );
    }
    await stand.assertClean();
  } finally {
    await stand.stop();
  }
  return report(samples, foreign, count);
}

/** How long the frames of one path took, in ms; each came once. */
function percentilesOf(name: string, sent: Sighting[], came: Sighting[], count: number): Percentiles {
  const sent_at = new Map(sent.map(({ frame_id, at_ms }) => [frame_id, at_ms]));
  const ours = came.filter(({ frame_id }) => frame_id.includes(`-${name}-`));
  if (ours.length !== count || new Set(ours.map(({ frame_id }) => frame_id)).size !== count)
    throw new Error(`Cannot trust the latencies: ${count} frames went into ${name}, ${ours.length} sets came out`);
  const took_ms = ours.map(({ frame_id, at_ms }) => at_ms - sent_at.get(frame_id)!).toSorted((a, b) => a - b);
  return { p50: percentile(took_ms, 50), p99: percentile(took_ms, 99) };
}

function report(samples: Record<Path["name"], Percentiles[]>, foreign: number[], count: number): Report {
  const values = (name: Path["name"], p: "p50" | "p99"): number[] => samples[name].map((sample) => sample[p]);
  const ratio = (p: "p50" | "p99") => ratios(values("ours", p), values("bare", p));
  const rows = PATHS.map(({ name }) => [
    name,
    shown(spread(values(name, "p50")), 1),
    shown(spread(values(name, "p99")), 1),
    ...(name === "ours" ? ["1", "1"] : [shown(ratio("p50"), 2), shown(ratio("p99"), 2)]),
    String(count * samples[name].length),
  ]);
  return {
    bench: "latency",
    about: `a frame of 640 x 480, 60 KB, from publish to detections, zero-cost detector, ${PER_S}/s through each path in turn`,
    table: [["", "p50 ms", "p99 ms", "p50, ours / it", "p99, ours / it", "delivered"], ...rows],
    goals: [atMost("p50, ours / bare", ratio("p50"), 1.5), atMost("p99, ours / bare", ratio("p99"), 2)],
    notes: ["bare: two hops and the decoding of the picture; no detector is asked and nothing is kept"],
    foreign_cores: spread(foreign),
  };
}
