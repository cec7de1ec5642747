import { GatehouseError } from "@gatehouse/errors";
import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { endLost, recordNotRetried, recordRetried } from "@gatehouse/store";
import { EngineUnauthorizedError, RunGoneError, RunVanishedError } from "../errors.ts";
import { runError } from "../run-error.ts";
import type { Deps } from "../service.ts";
import { watchKey } from "../standing-work.ts";
import { observe } from "../watching/observe.ts";
import { withEngine } from "./with-engine.ts";

const TIMEOUT_S = 86_400;

/** A run that did not succeed is to go on: its engine is asked for that. Key: request_id. */
export function goOn(_payload: unknown, context: DueContext<Deps>): Promise<Verdict> {
  const { db, catalogue, stage, signal, wakeDue } = context;
  return withEngine(context, async (run, engine) => {
    if (!run.retrying) return ack;
    try {
      const seen = await stage("retry", () => engine.retry(run, { signal }));
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

const isNever = (error: unknown): boolean => error instanceof GatehouseError && error.retry === "never";
