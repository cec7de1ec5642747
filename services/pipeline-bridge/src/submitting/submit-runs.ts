import { describeError, GatehouseError } from "@gatehouse/errors";
import type { DueContext, Verdict } from "@gatehouse/runtime";
import { postponeRun, type TakenRun, takeRuns, tellWaiting } from "@gatehouse/store";
import type { Engine } from "../engines/engine.ts";
import type { Deps } from "../service.ts";
import { attend } from "../standing-work.ts";
import { submitRun } from "./submit-run.ts";

/** Runs in hand at once. */
const POOL = 16;
/** Another process writes a run down: found after this time; sooner while there is anything to do. */
const LOOK_EVERY_MS = { idle: 1_000, busy: 250 };
const BUSY_FOR_MS = 5_000;
/** Then whoever is free goes on: no lease is held for ever. */
const SPELL_MS = 60_000;

/**
 * Takes the runs that wait for an engine there, the oldest first. Key: the engine. Whoever holds the row is the only one, over
 * all processes, who submits to it. While the engine is away nothing is given up: one run is tried, at distances that double.
 */
export function submitRuns(_payload: unknown, context: DueContext<Deps>): Promise<Verdict> {
  const { catalogue, due, engines } = context;
  const per_min = Object.fromEntries(
    catalogue.list().flatMap(({ name }) => {
      const rate = catalogue.find(name)?.per_min ?? null;
      return rate === null ? [] : [[name, rate] as const];
    }),
  );
  const engine = engines.get(due.key);
  const work = async () => (engine ? submitAll(engine, per_min, context) : tellMissing(context));
  return attend(context, { is_ours: engine !== undefined, work });
}

/** What waits for an engine that this process has not waits for one that has it. */
async function tellMissing({ db, due, log }: DueContext<Deps>): Promise<void> {
  const why = `Waits, as pipelines.${due.key} must be configured: it is missing`;
  const runs = await tellWaiting(db, due.key, why);
  if (runs > 0) log.warn({ engine: due.key, runs }, "runs wait for an engine that is not configured");
}

/** For a spell. */
async function submitAll(engine: Engine, per_min: Record<string, number>, context: DueContext<Deps>): Promise<void> {
  const { db, due, engines, nudges, signal } = context;
  const { has_unique_names } = engine;
  const health = engines.healthOf(due.key);
  const over = AbortSignal.any([signal, context.stopping]);
  const ends_ms = performance.now() + SPELL_MS;
  const inHand = new Map<string, Promise<void>>();
  const faults: unknown[] = [];
  const goesOn = () => faults.length === 0 && !over.aborted && performance.now() < ends_ms;
  let busy_until_ms = 0;
  const take = async () => {
    const most = (health.is_away ? 1 : POOL) - inHand.size;
    if (most <= 0 || health.until_ms > Date.now()) return;
    const except = [...inHand.keys()];
    const asked = { engine: due.key, most, has_unique_names, except, per_min, in_turn: health.is_away };
    for (const run of await takeRuns(db, asked)) {
      busy_until_ms = performance.now() + BUSY_FOR_MS;
      const work = submitOne(run, engine, context).catch((fault: unknown) => void faults.push(fault));
      inHand.set(
        run.request_id,
        work.finally(() => inHand.delete(run.request_id)),
      );
    }
  };
  while (goesOn() || inHand.size > 0) {
    signal.throwIfAborted();
    const is_busy = health.is_away || performance.now() < busy_until_ms;
    const nudged = nudges.wait(due.key, LOOK_EVERY_MS[is_busy ? "busy" : "idle"], over);
    try {
      // Runs that are in hand are brought to an end by whoever has them, or they would be taken beside that.
      if (goesOn()) await take().catch((fault: unknown) => void faults.push(fault));
      if (inHand.size === 0 && !goesOn()) break;
      await Promise.race([...inHand.values(), ...(goesOn() ? [nudged.over] : [])]);
    } finally {
      nudged.stop();
    }
  }
  if (faults.length > 0) throw faults[0];
}

/** What goes wrong with one run for no known reason is no reason to hold up others: it waits. @throws what stops all */
async function submitOne(run: TakenRun, engine: Engine, context: DueContext<Deps>): Promise<void> {
  const { db, pace, log, signal } = context;
  try {
    await submitRun(run, engine, context);
  } catch (error) {
    if (signal.aborted || (error instanceof GatehouseError && error.retry === "later")) throw error;
    log.error({ request_id: run.request_id, reason: describeError(error).message }, "run could not be submitted");
    const again = { not_before_ms: Date.now() + pace.away_most_ms, doubtful_since_ms: run.posted_at_ms };
    await postponeRun(db, run, { ...again, is_doubt: true });
  }
}
