import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { endLost, markTimedOut } from "@gatehouse/store";
import type { Engine } from "../engines/engine.ts";
import { RunGoneError, RunVanishedError } from "../errors.ts";
import { runError } from "../run-error.ts";
import type { Deps } from "../service.ts";
import { observe } from "../watching/observe.ts";
import { type PlacedRow, withEngine } from "./with-engine.ts";

/** Somebody wants a run no more: its engine ends it. Key: request_id. */
export function endCancelled(_payload: unknown, context: DueContext<Deps>): Promise<Verdict> {
  return withEngine(context, (run, engine) => (run.cancelled_at_ms === null ? done() : end(run, engine, context)));
}

/** A run took longer than its pipeline may: its engine ends it. Key: request_id. */
export function endTimedOut(_payload: unknown, context: DueContext<Deps>): Promise<Verdict> {
  return withEngine(context, async (run, engine) => {
    if (!(await markTimedOut(context.db, run.request_id))) return ack;
    return end(run, engine, context);
  });
}

const done = async (): Promise<Verdict> => ack;

/** What becomes of it is seen like any other change; at once where the engine ends it at once, or had: nothing else would say so. */
async function end(run: PlacedRow, engine: Engine, context: DueContext<Deps>): Promise<Verdict> {
  const { db, stage, signal, wakeDue } = context;
  try {
    await stage("end", () => engine.cancel(run, { signal }));
    const found = await engine.find(run.run_name, run.namespace, { signal });
    const same = found.find(({ run_id }) => run_id === run.run_id);
    if (same) await observe(context, engine, same, run.retrying ? {} : { sure_of_attempt: run.attempt });
  } catch (error) {
    if (!(error instanceof RunGoneError)) throw error;
    const why = `Cannot end run "${run.run_id}" as ${engine.name} does not know it any more`;
    await endLost(db, run, runError(new RunVanishedError(why)));
  }
  wakeDue("tell");
  return ack;
}
