import type { Catalogue } from "@gatehouse/runtime";
import {
  adoptRun,
  type Database,
  type Observed,
  observeRun,
  postedPipeline,
  type RunError,
  type SeenRun,
} from "@gatehouse/store";
import type { Engine, EngineRun } from "../engines/engine.ts";
import { RunBrokenError, RunFailedError, RunTimeoutError } from "../errors.ts";
import { plainWords, runError } from "../run-error.ts";

export interface ObservingDeps {
  readonly db: Database;
  readonly catalogue: Catalogue;
}

/**
 * Notes how an engine says a run is, whoever heard it; a change is told, once. A run that somebody asked for and of which he
 * has not heard yet is taken for it, where names are unique. Null: nothing new, or no run of ours.
 */
export async function observe(
  { db, catalogue }: ObservingDeps,
  engine: Engine,
  run: EngineRun,
): Promise<Observed | null> {
  const seen = seenRun(engine, run);
  const observed = await observeRun(db, seen);
  if (observed || !engine.has_unique_names) return observed;
  const pipeline = await postedPipeline(db, engine.name, run.run_name);
  const entry = pipeline === null ? null : catalogue.find(pipeline);
  if (entry === null) return null;
  const { run_id } = run;
  await adoptRun(db, { run_name: run.run_name, engine: engine.name }, { run_id, timeout_s: entry.timeout_s });
  return observeRun(db, seen);
}

function seenRun({ name: engine }: Engine, run: EngineRun): SeenRun {
  const { created_at_ms: _, ...told } = run;
  const too_long = runError(new RunTimeoutError("The run took longer than timeout_s of its pipeline, and was ended"));
  return { ...told, message: plainWords(run.message), engine, error: whyNot(run), too_long };
}

function whyNot({ status, message }: EngineRun): RunError | null {
  if (status === "failed") return runError(new RunFailedError(message || "The pipeline failed"));
  return status === "error" ? runError(new RunBrokenError(message || "The engine could not run it")) : null;
}
