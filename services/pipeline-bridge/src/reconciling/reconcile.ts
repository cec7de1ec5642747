import { GatehouseError } from "@gatehouse/errors";
import { ack, type DueContext, retry, type Verdict } from "@gatehouse/runtime";
import { type Database, type Doubt, findRun, lookAgain, type PipelineRunRow } from "@gatehouse/store";
import type { Engine } from "../engines/engine.ts";
import { type EngineHealth, isAway } from "../engines/engine-health.ts";
import { keepOne } from "./keep-one.ts";

/** What reconciling leans on. */
export interface ReconcilingDeps {
  readonly db: Database;
  /** By their names. */
  readonly engines: { get(name: string): Engine | undefined; healthOf(name: string): EngineHealth };
  /** How long a request that was cut off may still be under way. */
  readonly settle_ms: number;
}

/** How long after a doubt a post may still be applied. */
const DOUBTFUL_MS = 86_400_000;

/**
 * Looks after a run of which its engine may have more than one, since nobody knew whether a post was applied. Key: request_id.
 * Looks again for a day, some 35 times, at distances that grow by a quarter: a post may be applied late. A process that has not
 * the engine leaves that to one that has; an engine that is away is left alone.
 */
export async function reconcile(payload: unknown, context: DueContext<ReconcilingDeps>): Promise<Verdict> {
  const { db, due, engines, settle_ms, stage } = context;
  const doubt = payload as Doubt;
  const run = await findRun(db, due.key);
  if (!run) return ack;
  const engine = engines.get(run.engine ?? "");
  const away_ms = engine ? engines.healthOf(engine.name).until_ms - Date.now() : 0;
  if (away_ms > 0) return retry({ afterMs: away_ms });
  if (engine) await keep(run, engine, context);
  const distance = { version: due.version, least_ms: settle_ms, most_ms: DOUBTFUL_MS };
  await stage("again", () => lookAgain(db, due.key, { ...doubt, ...distance }));
  return ack;
}

/** What the engine refuses may be put right before the next look. @throws what may be otherwise soon */
async function keep(run: PipelineRunRow, engine: Engine, context: DueContext<ReconcilingDeps>): Promise<void> {
  const { db, engines, log, stage, signal } = context;
  const { request_id } = run;
  try {
    const { found, ended, moved_to } = await stage("keep", () => keepOne(run, { db, engine, signal }));
    if (ended.length > 0)
      log.warn({ request_id, found, ended: ended.length, moved_to }, "one run was kept, others were ended");
  } catch (error) {
    if (isAway(error)) engines.healthOf(engine.name).failed(error);
    if (!(error instanceof GatehouseError) || error.retry !== "never") throw error;
    log.warn({ request_id, code: error.code, reason: error.message }, "engine could not be asked for runs");
  }
}
