import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { endLost, findRun } from "@gatehouse/store";
import { withEngine } from "../ending/with-engine.ts";
import { RunVanishedError } from "../errors.ts";
import { runError } from "../run-error.ts";
import type { Deps } from "../service.ts";
import { observe } from "./observe.ts";

/**
 * Looks once more for a run that its engine did not know, and gives it up when it still does not. One that has ended has, also
 * where its engine counts anew. Key: request_id.
 */
export async function lookAgain(payload: unknown, context: DueContext<Deps>): Promise<Verdict> {
  const { db, stage, signal, wakeDue } = context;
  const { run_id } = payload as { run_id: string };
  return withEngine(context, async (run, engine) => {
    if (run.run_id !== run_id) return ack;
    const found = await stage("find", () => engine.find(run.run_name, run.namespace, { signal }));
    const same = found.find((each) => each.run_id === run_id);
    if (same) await observe(context, engine, same, run.retrying ? {} : { sure_of_attempt: run.attempt });
    else if ((await findRun(db, run.request_id))?.run_id === run_id) {
      const why = `Cannot follow run "${run_id}" as ${engine.name} does not know it any more`;
      await stage("record", () => endLost(db, run, runError(new RunVanishedError(why))));
    }
    wakeDue("tell");
    return ack;
  });
}
