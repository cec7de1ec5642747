import { describeError, GatehouseError } from "@gatehouse/errors";
import type { DueContext, Verdict } from "@gatehouse/runtime";
import { endUnplaced, postponeRun, type TakenRun, takeRuns } from "@gatehouse/store";
import { UnknownPipelineError } from "../errors.ts";
import { runError } from "../run-error.ts";
import type { Deps } from "../service.ts";
import { attend } from "../standing-work.ts";
import { submitRun } from "./submit-run.ts";

/** Runs in hand at once. */
const POOL = 16;
/** Another process writes a run down: found after this time. */
const LOOK_EVERY_MS = 250;
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
  return attend(context, { is_ours: engines.get(due.key) !== undefined, work: () => submitAll(per_min, context) });
}

/** For a spell; where nobody takes runs, until none waits. */
async function submitAll(per_min: Record<string, number>, context: DueContext<Deps>): Promise<void> {
  const { db, due, engines, nudges, signal } = context;
  const engine = engines.get(due.key);
  const health = engines.healthOf(due.key);
  const over = AbortSignal.any([signal, context.stopping]);
  const ends_ms = performance.now() + SPELL_MS;
  const inHand = new Map<string, Promise<void>>();
  const faults: unknown[] = [];
  const goesOn = () => faults.length === 0 && !over.aborted && performance.now() < ends_ms;
  const take = async () => {
    const most = (health.is_away ? 1 : POOL) - inHand.size;
    if (most <= 0 || health.until_ms > Date.now()) return;
    const has_unique_names = engine?.has_unique_names ?? false;
    const except = [...inHand.keys()];
    for (const run of await takeRuns(db, { engine: due.key, most, has_unique_names, except, per_min })) {
      const work = submitOne(run, context).catch((fault: unknown) => void faults.push(fault));
      inHand.set(
        run.request_id,
        work.finally(() => inHand.delete(run.request_id)),
      );
    }
  };
  while (goesOn() || inHand.size > 0) {
    signal.throwIfAborted();
    const nudged = nudges.wait(due.key, LOOK_EVERY_MS, over);
    try {
      if (goesOn()) await take();
      if (inHand.size === 0 && !(engine && goesOn())) break;
      await Promise.race([...inHand.values(), ...(goesOn() ? [nudged.over] : [])]);
    } finally {
      nudged.stop();
    }
  }
  if (faults.length > 0) throw faults[0];
}

/** What goes wrong with one run for no known reason is no reason to hold up others: it waits. @throws what stops all */
async function submitOne(run: TakenRun, context: DueContext<Deps>): Promise<void> {
  const { db, engines, pace, log, signal } = context;
  const engine = engines.get(run.engine!);
  try {
    if (engine) await submitRun(run, engine, context);
    else await endUnplaced(db, run, missing(run.pipeline), run.doubtful_since_ms);
  } catch (error) {
    if (signal.aborted || (error instanceof GatehouseError && error.retry === "later")) throw error;
    log.error({ request_id: run.request_id, reason: describeError(error).message }, "run could not be submitted");
    const again = { not_before_ms: Date.now() + pace.away_most_ms, doubtful_since_ms: run.posted_at_ms };
    await postponeRun(db, run, { ...again, is_doubt: true });
  }
}

const missing = (pipeline: string) =>
  runError(
    new UnknownPipelineError(`Cannot run pipeline "${pipeline}" as its engine must be configured: it is missing`),
  );
