import { GatehouseError } from "@gatehouse/errors";
import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { type Database, type Doubt, findRun, lookAgain } from "@gatehouse/store";
import type { Engine } from "../engines/engine.ts";
import { keepOne } from "./keep-one.ts";

/** What reconciling leans on. */
export interface ReconcilingDeps {
  readonly db: Database;
  /** By their names. */
  readonly engines: { get(name: string): Engine | undefined };
  /** How long a request that was cut off may still be under way. */
  readonly settle_ms: number;
}

/** How long after a doubt a post may still be applied. */
const DOUBTFUL_MS = 86_400_000;

/**
 * Looks after a run of which its engine may have more than one, since nobody knew whether a post was applied. Key: request_id.
 * Looks again at distances that double, for a day: a post may be applied late.
 */
export async function reconcile(payload: unknown, context: DueContext<ReconcilingDeps>): Promise<Verdict> {
  const { db, due, engines, settle_ms, log, stage, signal } = context;
  const doubt = payload as Doubt;
  const run = await findRun(db, due.key);
  const engine = run && engines.get(run.engine ?? "");
  if (!run || !engine) return ack;
  try {
    const { found, ended, moved_to } = await stage("keep", () => keepOne(run, { db, engine, signal }));
    if (ended.length > 0)
      log.warn({ request_id: due.key, found, ended: ended.length, moved_to }, "one run was kept, others were ended");
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.retry !== "never") throw error;
    log.warn({ request_id: due.key, code: error.code, reason: error.message }, "engine could not be asked for runs");
  }
  const distance = { version: due.version, least_ms: settle_ms, most_ms: DOUBTFUL_MS };
  await stage("again", () => lookAgain(db, due.key, { ...doubt, ...distance }));
  return ack;
}
