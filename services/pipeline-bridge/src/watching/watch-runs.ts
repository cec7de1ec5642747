import { setTimeout as timer } from "node:timers/promises";
import { describeError, GatehouseError } from "@gatehouse/errors";
import type { DueContext, Verdict } from "@gatehouse/runtime";
import { hasOpenRuns, openRun, openRuns, putDueIn } from "@gatehouse/store";
import type { Engine, PlacedRun } from "../engines/engine.ts";
import type { Deps } from "../service.ts";
import { SERVICE } from "../service-name.ts";
import { attend } from "../standing-work.ts";
import { observe } from "./observe.ts";

/** Then whoever is free goes on: no lease is held for ever. */
const SPELL_MS = 3_600_000;
/** Another process has submitted a run: found after this time. */
const LOOK_EVERY_MS = 1_000;
const ENDED: ReadonlySet<string> = new Set(["succeeded", "failed", "error", "cancelled"]);
/** Runs may end without anybody having watched. */
const LOOK_ON_EVERY_MS = 5_000;

/**
 * Watches the open runs of a namespace whenever there are any. Key: `{engine}/{namespace}`. Every replica would tell the same;
 * whoever holds the row is the one.
 */
export function watchRuns(_payload: unknown, context: DueContext<Deps>): Promise<Verdict> {
  const [name, namespace] = placeOf(context.due.key);
  const engine = context.engines.get(name);
  const health = context.engines.healthOf(context.due.key);
  const work = () =>
    engine
      ? watchOnAndOn(engine, namespace, context).finally(() => health.answered())
      : tellMissing({ engine: name, namespace }, context);
  return attend(context, { is_ours: engine !== undefined, work });
}

function placeOf(key: string): [engine: string, namespace: string] {
  const at = key.indexOf("/");
  return [key.slice(0, at), key.slice(at + 1)];
}

/** For a spell. */
async function watchOnAndOn(engine: Engine, namespace: string, context: DueContext<Deps>): Promise<void> {
  const { db, due, engines, nudges, log, signal } = context;
  const health = engines.healthOf(due.key);
  const over = AbortSignal.any([signal, context.stopping]);
  const ends_ms = performance.now() + SPELL_MS;
  while (!over.aborted && performance.now() < ends_ms) {
    const nudged = nudges.wait(due.key, LOOK_EVERY_MS, over);
    try {
      const has_any = health.until_ms <= Date.now() && (await hasOpenRuns(db, engine.name, namespace));
      if (has_any) await watch({ engine, namespace, over, ends_ms }, context);
      else {
        if (health.until_ms <= Date.now()) health.answered();
        await nudged.over;
      }
    } catch (error) {
      if (signal.aborted || (error instanceof GatehouseError && error.dependency !== null)) throw error;
      const { code, message: reason } = describeError(error);
      log.warn({ engine: engine.name, namespace, code, reason }, "runs cannot be watched");
      health.failed(error as Error);
    } finally {
      nudged.stop();
    }
  }
}

interface Watching {
  engine: Engine;
  namespace: string;
  over: AbortSignal;
  /** By the monotonic clock. */
  ends_ms: number;
}

/** Until nothing is open, the time is over, or the service stops. @throws what the engine throws */
async function watch({ engine, namespace, ends_ms, ...spell }: Watching, context: DueContext<Deps>): Promise<void> {
  const { db, wakeDue, stage } = context;
  const over = new AbortController();
  const signal = AbortSignal.any([spell.over, over.signal]);
  const health = context.engines.healthOf(context.due.key);
  let was_heard = false;
  const endIfIdle = async () => {
    if (!(await hasOpenRuns(db, engine.name, namespace))) over.abort();
  };
  const told = {
    open: () => openRuns(db, engine.name, namespace),
    run: async (run: Parameters<typeof observe>[2]) => {
      was_heard = true;
      const observed = await stage("observe", () => observe(context, engine, run));
      if (!observed?.has_moved) return;
      wakeDue("tell");
      if (!ENDED.has(observed.state)) return;
      context.log.info({ request_id: observed.request_id, state: observed.state }, "run ended");
      await endIfIdle();
    },
    gone: (run: PlacedRun) => lookAfter(engine, run, context),
    unread: ({ run_name, run_id }: PlacedRun, { message: reason }: Error) =>
      context.log.warn({ engine: engine.name, run_name, run_id, reason }, "run cannot be read: asked about again"),
  };
  const lookOn = () => {
    if (was_heard) health.answered(); // or the watch would have ended
    return endIfIdle();
  };
  const looking = lookNowAndThen(lookOn, { signal, ends_ms }).finally(() => over.abort());
  const watching = engine.watch(namespace, told, { signal }).finally(() => over.abort());
  for (const outcome of await Promise.allSettled([watching, looking]))
    if (outcome.status === "rejected") throw outcome.reason;
  health.answered();
}

async function lookNowAndThen(
  look: () => Promise<void>,
  { signal, ends_ms }: { signal: AbortSignal; ends_ms: number },
): Promise<void> {
  while (!signal.aborted && performance.now() < ends_ms) {
    await timer(LOOK_ON_EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
    if (!signal.aborted) await look();
  }
}

/** A run that its engine does not know is looked for once more before it is given up. */
async function lookAfter(
  engine: Engine,
  { run_name, run_id }: PlacedRun,
  { db, pace }: DueContext<Deps>,
): Promise<void> {
  const run = await openRun(db, engine.name, { run_name, run_id });
  if (!run) return;
  const vanished = { service: SERVICE, kind: "vanished", key: run.request_id, payload: { run_id } };
  await putDueIn(db, vanished, pace.look_again_ms);
}

/** Runs of an engine that this process has not go on, and are watched by one that has it. */
async function tellMissing(
  { engine, namespace }: { engine: string; namespace: string },
  { db, due, engines }: DueContext<Deps>,
): Promise<void> {
  const health = engines.healthOf(due.key);
  if (!(await hasOpenRuns(db, engine, namespace))) return health.answered();
  health.told(`Runs are open there, and pipelines.${engine} must be configured: it is missing`);
}
