import { GatehouseError } from "@gatehouse/errors";
import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { endLost, recordNotRetried, recordRetried } from "@gatehouse/store";
import type { EngineRun } from "../engines/engine.ts";
import { EngineUnauthorizedError, RunGoneError, RunVanishedError } from "../errors.ts";
import { runError } from "../run-error.ts";
import type { Deps } from "../service.ts";
import { watchKey } from "../standing-work.ts";
import { observe } from "../watching/observe.ts";
import { type PlacedRow, withEngine } from "./with-engine.ts";

const TIMEOUT_S = 86_400;

/** A run that did not succeed is to go on: its engine is asked for that. Key: request_id. */
export function goOn(_payload: unknown, context: DueContext<Deps>): Promise<Verdict> {
  const { db, catalogue, stage, signal, wakeDue } = context;
  return withEngine(context, async (run, engine) => {
    if (!run.retrying) return ack;
    try {
      const there = await engine.find(run.run_name, run.namespace, { signal });
      const on = there.find((each) => each.run_id === run.run_id && wentOn(each, run));
      const seen = on ?? (await stage("retry", () => engine.retry(run, { signal })));
      const { timeout_s = TIMEOUT_S } = catalogue.find(run.pipeline) ?? {};
      await stage("record", () => recordRetried(db, run, timeout_s));
      await observe(context, engine, seen);
      context.nudges.nudge(watchKey(run));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RunGoneError) {
        const why = `Cannot go on with run "${run.run_id}" as ${engine.name} does not know it any more`;
        await endLost(db, run, runError(new RunVanishedError(why)));
      } else if (error instanceof EngineUnauthorizedError || !isNever(error)) throw error;
      else await recordNotRetried(db, run, runError(error));
    }
    wakeDue("tell");
    return ack;
  });
}

/** Whoever had it go on before may have died then: it is open, as far as is known, or has ended once more since. */
function wentOn({ version, status, ended_at_ms }: EngineRun, before: PlacedRow): boolean {
  if (version === 0) return false;
  if (status === "pending" || status === "running") return true;
  return ended_at_ms !== null && before.ended_at_ms !== null && ended_at_ms > before.ended_at_ms;
}

const isNever = (error: unknown): boolean => error instanceof GatehouseError && error.retry === "never";
