import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startWorld, type World } from "../../harness/world.ts";
import { startCpu } from "../measure/cpu.ts";
import { type Bench, type BenchOptions, type Report, shown } from "../measure/report.ts";
import { spread } from "../measure/spread.ts";
import { measureStart, type Started } from "./start.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const WHOLE = "gatehouse up";

/** How long a start takes, and what is held when there is nothing to do. */
export const processes: Bench = { name: "processes", run };

async function run({ smoke, rounds, tell, signal }: BenchOptions): Promise<Report> {
  const world = await startWorld();
  const samples = new Map<string, Started[]>();
  const endCpu = startCpu({ own: process.pid });
  try {
    for (let round = 1; round <= (smoke ? 1 : rounds); round++)
      for (const [name, measure] of subjects(world, signal)) {
        const started = await measure();
        samples.set(name, [...(samples.get(name) ?? []), started]);
        tell(
          `processes: round ${round} of ${rounds}: ${name} ${Math.round(started.start_ms)} ms, ${Math.round(started.rss_mb)} MB`,
        );
      }
  } finally {
    await world.stop();
  }
  return report(samples, endCpu().foreign_cores);
}

function subjects({ backing, dir }: World, signal: AbortSignal): [string, () => Promise<Started>][] {
  const env = {
    NATS_URL: backing.nats_url,
    NATS_USER: backing.nats_user!,
    NATS_PASSWORD: backing.nats_password!,
    DATABASE_URL: backing.database_url,
    REDIS_URL: backing.redis_url,
    GATEHOUSE_HOME: dir,
    GATEHOUSE_GATEWAY__PORT: "0",
    GATEHOUSE_MODELS__DETECTOR: JSON.stringify([{ kind: "http-detect", url: "http://127.0.0.1:9" }]),
    GATEHOUSE_MODELS__LLM: JSON.stringify([{ kind: "openai", url: "http://127.0.0.1:9", model: "none" }]),
  };
  const one = (file: string) => () =>
    measureStart({ args: [join(ROOT, file)], env, cwd: dir, ready: { message: true }, signal });
  return [
    ["a bare client", one("test/bench/processes/bare.ts")],
    ["detection-ingest", one("services/detection-ingest/src/main.ts")],
    ["enrichment", one("services/enrichment/src/main.ts")],
    ["gateway", one("services/gateway/src/main.ts")],
    [WHOLE, () => measureMesh(signal)],
  ];
}

/** Everything, with servers of its own: their memory is counted too, as far as they are below it. */
async function measureMesh(signal: AbortSignal): Promise<Started> {
  const home = await mkdtemp(join(tmpdir(), "gatehouse-bench-"));
  const args = [join(ROOT, "packages/cli/src/main.ts"), "up", "--no-demo", "--json", "--port", "0", "--home", home];
  try {
    return await measureStart({ args, env: {}, cwd: home, ready: { line: /"what":"up"/ }, signal });
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

function report(samples: Map<string, Started[]>, foreign: number): Report {
  const rows = [...samples].map(([name, started]) => [
    name,
    shown(spread(started.map(({ start_ms }) => start_ms))),
    shown(spread(started.map(({ cpu_ms }) => cpu_ms))),
    shown(spread(started.map(({ rss_mb }) => rss_mb))),
    shown(spread(started.map(({ pss_mb }) => pss_mb))),
  ]);
  return {
    bench: "processes",
    about: "from spawn to ready, and memory 1.5 s later with nothing to do",
    table: [["", "start ms", "CPU ms", "RSS MB", "PSS MB"], ...rows],
    goals: [],
    notes: [
      `${WHOLE}: all services, the reference models, NATS, Postgres and Redis together, from an empty home`,
      "what others used contains what was measured here",
    ],
    foreign_cores: spread([foreign]),
  };
}
