import { setTimeout as timer } from "node:timers/promises";
import { GatehouseError } from "@gatehouse/errors";
import { EngineBusyError } from "../../errors.ts";
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
  /** Requests at once, and as many about runs that are asked about alone. */
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
  /** Null where the engine knows no such run. */
  get(run: PlacedRun, signal: AbortSignal): Promise<EngineRun | null>;
  /** Resolves when the engine answers a list in which there is no run. */
  answers(signal: AbortSignal): Promise<void>;
}

interface Polled {
  run: PlacedRun;
  due_ms: number;
  wait_ms: number;
  /** Of what was told last. */
  version: number;
  /** No list told of it the last time. */
  is_alone: boolean;
  /** Nor could it be read then. */
  is_unread: boolean;
}

interface Polling {
  engine: PolledEngine;
  told: WatchTold;
  polled: Map<string, Polled>;
  pace: PollPace;
  signal: AbortSignal;
}

const OPEN: ReadonlySet<string> = new Set(["pending", "running"]);
/** A look comes at 80 to 120 % of its time, so that runs that began together are not asked about together for ever. */
const JITTER = 0.4;

/**
 * Tells how open runs are by asking again and again, each run at a pace of its own. One of which no list tells, or that spoils
 * the list, is asked about beside the others. Resolves when the signal aborts; throws what the engine or the told throw.
 */
export async function pollRuns(
  engine: PolledEngine,
  told: WatchTold,
  { pace, signal }: { pace: PollPace; signal: AbortSignal },
): Promise<void> {
  const over = new AbortController();
  const ends = AbortSignal.any([signal, over.signal]);
  const polling = { engine, told, polled: new Map<string, Polled>(), pace, signal: ends };
  const lanes = [pollTogether(polling), pollAlone(polling)];
  try {
    await Promise.all(lanes);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    over.abort();
    await Promise.allSettled(lanes);
  }
}

async function pollTogether(polling: Polling): Promise<void> {
  const { told, polled, pace, signal } = polling;
  let opened_at_ms = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const now_ms = performance.now();
    if (now_ms - opened_at_ms >= pace.open_every_ms) {
      keepOpen(polled, await told.open(), { now_ms, wait_ms: pace.least_ms });
      opened_at_ms = now_ms;
    }
    const mine = [...polled.values()].filter((each) => !each.is_alone);
    await inBatches(dueOf(mine, now_ms), pace, (batch) => lookTogether(batch, polling));
    await nextLook(mine, { now_ms, last_ms: opened_at_ms + pace.open_every_ms }, polling);
  }
}

async function pollAlone(polling: Polling): Promise<void> {
  const { polled, pace, signal } = polling;
  while (!signal.aborted) {
    const now_ms = performance.now();
    const mine = [...polled.values()].filter((each) => each.is_alone);
    await inBatches(dueOf(mine, now_ms), { ...pace, batch: 1 }, ([each]) => lookAlone(each!, polling));
    await nextLook(mine, { now_ms, last_ms: now_ms + pace.open_every_ms }, polling);
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
  const fresh = { due_ms: now_ms, wait_ms, version: -1, is_alone: false, is_unread: false };
  for (const run of open) if (!polled.has(run.run_id)) polled.set(run.run_id, { run, ...fresh });
}

/** One request about several runs. */
async function lookTogether(batch: readonly Polled[], polling: Polling): Promise<void> {
  const { engine, signal } = polling;
  const asked = batch.map((each) => each.run);
  const listed = await engine.list(asked, signal).catch((error: unknown) => ownFault(error, polling));
  const runs = new Map((listed instanceof GatehouseError ? [] : listed).map((run) => [run.run_id, run]));
  for (const each of batch) {
    const run = runs.get(each.run.run_id);
    if (run) await tell(each, run, polling);
    else Object.assign(each, { is_alone: true, due_ms: performance.now() });
  }
}

/** One request about one run. */
async function lookAlone(each: Polled, polling: Polling): Promise<void> {
  const { engine, told, pace, signal } = polling;
  const run = await engine.get(each.run, signal).catch((error: unknown) => ownFault(error, polling));
  if (run instanceof GatehouseError) {
    if (!each.is_unread) told.unread?.(each.run, run);
    each.is_unread = true;
    return later(each, each.wait_ms * 2, pace);
  }
  each.is_unread = false;
  if (run === null) {
    // Whoever is told that it is gone looks for it in peace.
    later(each, pace.most_ms, pace);
    return signal.aborted ? undefined : told.gone(each.run);
  }
  each.is_alone = false;
  return tell(each, run, polling);
}

/** Gives the error of an engine that answers otherwise, and so is that of the runs it was asked about. @throws any other */
async function ownFault(error: unknown, { engine, signal }: Polling): Promise<GatehouseError> {
  if (!(error instanceof GatehouseError) || error instanceof EngineBusyError) throw error;
  await engine.answers(signal);
  return error;
}

/** One that is open although its end was told, as where Kubeflow was restored, is looked for. */
async function tell(each: Polled, run: EngineRun, { told, pace, signal }: Polling): Promise<void> {
  if (signal.aborted) return;
  const is_news = run.version > each.version;
  later(each, is_news ? pace.least_ms : each.wait_ms * 2, pace);
  if (is_news) {
    each.version = run.version;
    await told.run(run);
  } else if (!OPEN.has(run.status)) await told.gone(each.run);
}

function later(each: Polled, wait_ms: number, { most_ms }: PollPace): void {
  each.wait_ms = Math.min(wait_ms, most_ms);
  each.due_ms = performance.now() + each.wait_ms * (1 - JITTER / 2 + JITTER * Math.random());
}

const dueOf = (polled: readonly Polled[], now_ms: number): Polled[] => polled.filter((each) => each.due_ms <= now_ms);

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

/** Until one of the runs is due, or it is time to see what is open; in between others become due that share its request. */
async function nextLook(
  polled: readonly Polled[],
  { now_ms, last_ms }: { now_ms: number; last_ms: number },
  { pace, signal }: Polling,
): Promise<void> {
  const due_ms = polled.reduce((least_ms, each) => Math.min(least_ms, each.due_ms), last_ms);
  const wait_ms = Math.max(due_ms, now_ms + pace.gather_ms) - performance.now();
  await timer(Math.max(0, wait_ms), undefined, { signal }).catch(() => {});
}
