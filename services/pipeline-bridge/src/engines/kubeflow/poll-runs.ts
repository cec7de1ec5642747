import { setTimeout as timer } from "node:timers/promises";
import type { EngineRun, PlacedRun, WatchTold } from "../engine.ts";

/** How runs are asked about. */
export interface PollPace {
  /** Between two looks at a run that changed just now; doubles with each look that sees nothing new. */
  least_ms: number;
  most_ms: number;
  /** Between two looks at any runs, so that those that are due within it share requests. */
  gather_ms: number;
  /** How often it is asked which runs are open. */
  open_every_ms: number;
  /** Runs of one request. */
  batch: number;
  /** Requests at once. */
  in_flight: number;
}

/** 5,000 runs that do not change are 4 requests a second. */
export const POLL_PACE: PollPace = {
  least_ms: 1_000,
  most_ms: 30_000,
  gather_ms: 250,
  open_every_ms: 1_000,
  batch: 50,
  in_flight: 4,
};

/** What polling asks an engine. */
export interface PolledEngine {
  /** Those of the runs that the engine told of; one that could not be read is left out. */
  list(runs: readonly PlacedRun[], signal: AbortSignal): Promise<EngineRun[]>;
  /** Null where the engine knows no such run, `"unread"` where it knows one and its answer cannot be read. */
  get(run: PlacedRun, signal: AbortSignal): Promise<EngineRun | "unread" | null>;
}

interface Polled {
  run: PlacedRun;
  due_ms: number;
  wait_ms: number;
  /** Of what was told last. */
  version: number;
}

/** A look comes at 80 to 120 % of its time, so that runs that began together are not asked about together for ever. */
const JITTER = 0.4;

/** Tells how open runs are by asking again and again, each run at a pace of its own. Resolves when the signal aborts; throws what the engine or the told throw. */
export async function pollRuns(
  engine: PolledEngine,
  told: WatchTold,
  { pace, signal }: { pace: PollPace; signal: AbortSignal },
): Promise<void> {
  try {
    await poll(engine, told, { pace, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function poll(
  engine: PolledEngine,
  told: WatchTold,
  { pace, signal }: { pace: PollPace; signal: AbortSignal },
): Promise<void> {
  const polled = new Map<string, Polled>();
  let opened_at_ms = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const now_ms = performance.now();
    if (now_ms - opened_at_ms >= pace.open_every_ms) {
      keepOpen(polled, await told.open(), { now_ms, wait_ms: pace.least_ms });
      opened_at_ms = now_ms;
    }
    const due = [...polled.values()].filter((each) => each.due_ms <= now_ms);
    await inBatches(due, pace, (batch) => look(engine, told, { batch, pace, signal }));
    const next_ms = Math.max(nextLook(polled, opened_at_ms + pace.open_every_ms), now_ms + pace.gather_ms);
    await timer(Math.max(0, next_ms - performance.now()), undefined, { signal }).catch(() => {});
  }
}

/** What is open now is asked about: a new one at once, one that ended no more. */
function keepOpen(
  polled: Map<string, Polled>,
  open: readonly PlacedRun[],
  { now_ms, wait_ms }: { now_ms: number; wait_ms: number },
): void {
  const ids = new Set(open.map((run) => run.run_id));
  for (const run_id of polled.keys()) if (!ids.has(run_id)) polled.delete(run_id);
  for (const run of open) {
    if (!polled.has(run.run_id)) polled.set(run.run_id, { run, due_ms: now_ms, wait_ms, version: -1 });
  }
}

interface Look {
  batch: readonly Polled[];
  pace: PollPace;
  signal: AbortSignal;
}

/** One request about several runs; whoever is missing in its answer is asked about alone, before it is said to be gone. */
async function look(engine: PolledEngine, told: WatchTold, { batch, pace, signal }: Look): Promise<void> {
  const asked = batch.map((each) => each.run);
  const runs = new Map((await engine.list(asked, signal)).map((run) => [run.run_id, run]));
  for (const each of batch) {
    const run = runs.get(each.run.run_id) ?? (await engine.get(each.run, signal));
    if (signal.aborted) return;
    const is_news = run !== null && run !== "unread" && run.version > each.version;
    each.wait_ms = is_news ? pace.least_ms : Math.min(each.wait_ms * 2, pace.most_ms);
    // Whoever is told that it is gone looks for it in peace.
    if (run === null) each.wait_ms = pace.most_ms;
    each.due_ms = performance.now() + each.wait_ms * (1 - JITTER / 2 + JITTER * Math.random());
    if (run === null) await told.gone(each.run);
    if (!is_news) continue;
    each.version = run.version;
    await told.run(run);
  }
}

async function inBatches(
  due: readonly Polled[],
  { batch, in_flight }: PollPace,
  work: (batch: readonly Polled[]) => Promise<void>,
): Promise<void> {
  let at = 0;
  const worker = async (): Promise<void> => {
    while (at < due.length) {
      const from = at;
      at += batch;
      await work(due.slice(from, from + batch));
    }
  };
  const workers = Array.from({ length: Math.min(in_flight, Math.ceil(due.length / batch)) }, worker);
  for (const outcome of await Promise.allSettled(workers)) if (outcome.status === "rejected") throw outcome.reason;
}

function nextLook(polled: Map<string, Polled>, open_ms: number): number {
  let next_ms = open_ms;
  for (const { due_ms } of polled.values()) next_ms = Math.min(next_ms, due_ms);
  return next_ms;
}
