import type { Catalogue } from "@gatehouse/runtime";
import {
  adoptRun,
  type Database,
  noteDoubt,
  type Observed,
  observeRun,
  type RunError,
  type SeenRun,
  unplacedRun,
} from "@gatehouse/store";
import type { Engine, EngineRun } from "../engines/engine.ts";
import { RunBrokenError, RunFailedError, RunTimeoutError } from "../errors.ts";
import { plainWords, runError } from "../run-error.ts";

const OPEN: ReadonlySet<string> = new Set(["pending", "running"]);

export interface ObservingDeps {
  readonly db: Database;
  readonly catalogue: Catalogue;
}

/**
 * Notes how an engine says a run is, whoever heard it; a change is told, once. A run that somebody asked for and of which he
 * has not heard yet is taken for it, where names are unique; one that was cancelled before it was there, and comes late, is
 * ended. Whoever has just asked for the run is sure that it has ended, whatever was said before: `sure_of_attempt`, as long as
 * the run is at that. Null: nothing new, or no run of ours.
 */
export async function observe(
  { db, catalogue }: ObservingDeps,
  engine: Engine,
  run: EngineRun,
  asked: { sure_of_attempt?: number } = {},
): Promise<Observed | null> {
  const sure = OPEN.has(run.status) ? {} : asked;
  const seen = { ...seenRun(engine, run), ...sure };
  const observed = await observeRun(db, seen);
  if (observed || !engine.has_unique_names) return observed;
  const { run_id, run_name } = run;
  const unplaced = await unplacedRun(db, engine.name, run_name);
  const entry = unplaced && catalogue.find(unplaced.pipeline);
  if (!unplaced || !entry) return null;
  if (unplaced.has_ended) {
    if (OPEN.has(run.status)) await noteDoubt(db, unplaced.request_id, 0);
    return null;
  }
  await adoptRun(db, { run_name, engine: engine.name }, { run_id, timeout_s: entry.timeout_s });
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
