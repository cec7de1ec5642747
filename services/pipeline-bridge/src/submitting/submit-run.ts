import { type ErrorClass, GatehouseError } from "@gatehouse/errors";
import type { DueContext } from "@gatehouse/runtime";
import { endUnplaced, noteDoubt, postponeRun, recordSubmitted, type TakenRun } from "@gatehouse/store";
import type { CatalogueEntry, Engine, NewEngineRun } from "../engines/engine.ts";
import {
  EngineAnswerError,
  EngineAwayError,
  EngineBusyError,
  EngineInDoubtError,
  UnknownPipelineError,
} from "../errors.ts";
import { faultOf } from "../new-run.ts";
import { runError } from "../run-error.ts";
import type { Deps } from "../service.ts";
import { watchKey } from "../standing-work.ts";
import { observe } from "../watching/observe.ts";
import { type Settled, settle } from "./settle.ts";

/** Takes one run that was taken to its engine, or notes why it is not there. @throws what the database throws, and when aborted */
export async function submitRun(run: TakenRun, engine: Engine, context: DueContext<Deps>): Promise<void> {
  const { db, catalogue, stage, wakeDue } = context;
  const fault = await stage("check", () => faultOf(catalogue, run));
  const entry = catalogue.find(run.pipeline);
  if (fault && isOne(fault, UnknownPipelineError)) return waitForSetting(run, fault.message, context);
  if (fault || entry === null) {
    await endUnplaced(db, run, runError(fault), run.doubtful_since_ms);
    return wakeDue("tell");
  }
  const settled = await stage("submit", () => ask(run, engine, entry, context));
  if (settled.outcome === "lost") return;
  if (settled.outcome === "failed") return noteFailure(run, settled, context);
  context.engines.healthOf(engine.name).answered();
  if (settled.outcome === "waits") {
    context.log.warn({ request_id: run.request_id, why: settled.why }, "run may be at its engine: looked for again");
    return postponeRun(db, run, settled);
  }
  if (settled.outcome === "unplaced") await stage("record", () => endUnplaced(db, run, null));
  else {
    const { run_id } = settled.run;
    const is_noted = await stage("record", () => recordSubmitted(db, run, { run_id, timeout_s: entry.timeout_s }));
    const waited_ms = Date.now() - run.created_at_ms;
    if (is_noted) context.log.info({ request_id: run.request_id, engine: engine.name, waited_ms }, "run submitted");
    // Another has taken it meanwhile: there may be two.
    if (!is_noted && !engine.has_unique_names) await noteDoubt(db, run.request_id, context.settle_ms);
    await stage("observe", () => observe(context, engine, settled.run));
    context.nudges.nudge(watchKey(run));
  }
  wakeDue("tell");
}

/** It was taken in with other settings than these: another process may have them, or this one when it is started anew. */
function waitForSetting(run: TakenRun, why: string, { db, pace }: DueContext<Deps>): Promise<void> {
  const { doubtful_since_ms } = run;
  return postponeRun(db, run, { not_before_ms: Date.now() + pace.away_most_ms, doubtful_since_ms, why });
}

/**
 * An engine that knows names is asked again whatever became of it before, unless it has the run, which may have ended and be
 * about to be cleared away; else that is settled first.
 */
async function ask(run: TakenRun, engine: Engine, entry: CatalogueEntry, context: DueContext<Deps>): Promise<Settled> {
  const { db, settle_ms, signal, log } = context;
  const { run_name, request_id, pipeline, parameters } = run;
  const asked: NewEngineRun = {
    run_name,
    request_id,
    pipeline,
    parameters,
    entry: { ...entry, namespace: run.namespace },
  };
  try {
    if (!engine.has_unique_names || run.cancelled_at_ms !== null)
      return await settle(run, asked, { db, engine, settle_ms, signal });
    const [there] = run.doubtful_since_ms === null ? [] : await engine.find(run_name, run.namespace, { signal });
    return { outcome: "placed", run: there ?? (await engine.submit(asked, { signal })) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof GatehouseError && error.dependency !== null) throw error;
    if (!(error instanceof GatehouseError))
      log.error({ request_id, reason: String(error) }, "run could not be submitted");
    return { outcome: "failed", error: error as GatehouseError, doubtful_since_ms: sinceWhen(run, error) };
  }
}

/** Since when the engine may have it, after this. */
function sinceWhen({ doubtful_since_ms, posted_at_ms }: TakenRun, error: unknown): number | null {
  return error instanceof GatehouseError && !isDoubt(error) ? doubtful_since_ms : posted_at_ms;
}

const isOne = (error: unknown, ...classes: readonly ErrorClass[]): boolean =>
  classes.some((Class) => error instanceof Class);
const isDoubt = (error: unknown): boolean => isOne(error, EngineInDoubtError, EngineAnswerError);

/** Nothing that can be otherwise later is given up, unless it was tried too often: the run waits, alone or, as long as nobody answers, with all others. */
async function noteFailure(
  run: TakenRun,
  { error, doubtful_since_ms, is_last }: Extract<Settled, { outcome: "failed" }>,
  { db, engines, pace, stage, wakeDue }: DueContext<Deps>,
): Promise<void> {
  const health = engines.healthOf(run.engine!);
  if (isOne(error, EngineAwayError, EngineBusyError)) {
    health.failed(error);
    return postponeRun(db, run, { not_before_ms: null, doubtful_since_ms, why: error.message });
  }
  health.told(error.message);
  if (isDoubt(error) && !is_last) {
    const wait_ms = Math.min(pace.away_most_ms, pace.doubt_least_ms * 2 ** Math.min(run.doubts, 16));
    const not_before_ms = Date.now() + wait_ms;
    return postponeRun(db, run, { not_before_ms, doubtful_since_ms, is_doubt: true, why: error.message });
  }
  await stage("record", () => endUnplaced(db, run, runError(error), doubtful_since_ms));
  wakeDue("tell");
}
