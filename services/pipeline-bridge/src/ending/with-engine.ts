import { ack, type DueContext, retry, type Verdict } from "@gatehouse/runtime";
import { findRun, type PipelineRunRow } from "@gatehouse/store";
import type { Engine } from "../engines/engine.ts";
import { isAway } from "../engines/engine-health.ts";
import { EngineRefusedError, EngineUnauthorizedError } from "../errors.ts";
import type { Deps } from "../service.ts";

/** A run that an engine has. */
export type PlacedRow = PipelineRunRow & { run_id: string };

const ALLOWED_AGAIN_MS = 30_000;

/**
 * Asks its engine about a run that is open; nothing is done about one that has ended. Key of the due work: request_id. While the
 * engine refuses that, as our token, it is asked again and again: that can be put right. One that is away is left alone, and one
 * that this process has not, to others.
 */
export async function withEngine(
  { db, due, engines, log }: DueContext<Deps>,
  work: (run: PlacedRow, engine: Engine) => Promise<Verdict>,
): Promise<Verdict> {
  const run = await findRun(db, due.key);
  if (!run?.engine || run.run_id === null || !["submitted", "pending", "running"].includes(run.state)) return ack;
  const engine = engines.get(run.engine);
  if (!engine) return retry({ afterMs: ALLOWED_AGAIN_MS });
  const health = engines.healthOf(engine.name);
  const away_ms = health.until_ms - Date.now();
  if (away_ms > 0) return retry({ afterMs: away_ms });
  try {
    return await work(run as PlacedRow, engine);
  } catch (error) {
    if (isAway(error)) {
      health.failed(error);
      return retry({ afterMs: Math.max(0, health.until_ms - Date.now()) });
    }
    if (!(error instanceof EngineUnauthorizedError || error instanceof EngineRefusedError)) throw error;
    health.told(error.message);
    log.warn({ request_id: due.key, kind: due.kind, reason: error.message }, "engine refuses");
    return retry({ afterMs: ALLOWED_AGAIN_MS });
  }
}
