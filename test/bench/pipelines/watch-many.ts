import { setTimeout as timer } from "node:timers/promises";
import { contractOf, turnSwitches } from "../../harness/engines/engine-client.ts";
import { until } from "../../harness/until.ts";
import { startCpu } from "../measure/cpu.ts";
import { memoryOf } from "../processes/memory.ts";
import type { Watched } from "./pipelines-report.ts";
import type { Stand } from "./stand.ts";
import type { EngineKind } from "./wire.ts";

const SETTLE_MS = 5_000;

/** Runs that nothing happens to are watched by one process, which found them when it started: what it holds, and what it takes. */
export async function watchMany(
  { world, engines, asker, pids, restartBridge, assertClean }: Stand,
  engine: EngineKind,
  { runs, for_ms }: { runs: number; for_ms: number },
): Promise<Watched> {
  const { url } = engines[engine];
  const before = memoryOf(pids.bridge);
  // They run for ever.
  await turnSwitches(url, { script: { steps: [{ state: "running", after_ms: 10 }] } });
  await asker.ask("run", { side: "ours", engine, batch: `open-${engine}`, runs, per_s: null });
  await until("all are told to run", async () => (await running(world)) === runs, { within_ms: 600_000 });
  const known = await requestsOf(url);
  await restartBridge();
  await until("they are watched", async () => (await requestsOf(url)) > known);
  await timer(Math.min(SETTLE_MS, for_ms));
  const asked = await requestsOf(url);
  const endCpu = startCpu(pids);
  await timer(for_ms);
  const { by_name, elapsed_ms, foreign_cores } = endCpu();
  const memory = memoryOf(pids.bridge);
  await assertClean();
  return {
    engine,
    runs,
    idle_rss_mb: before.rss_mb,
    idle_pss_mb: before.pss_mb,
    ...memory,
    cpu_percent: (by_name.bridge! / 1_000 / elapsed_ms) * 100,
    requests_per_s: ((await requestsOf(url)) - asked) / (elapsed_ms / 1_000),
    foreign_cores,
  };
}

async function running({ db }: Stand["world"]): Promise<number> {
  const rows = await db.query<{ count: number }>(
    `select count(*)::int as count from pipeline_runs r
     where state = 'running' and not exists (select 1 from pipeline_statuses s where s.request_id = r.request_id and published_seq is null)`,
    [],
  );
  return rows[0]!.count;
}

async function requestsOf(url: string): Promise<number> {
  const { requests } = await contractOf(url);
  return Object.values(requests).reduce((all, one) => all + one, 0);
}
