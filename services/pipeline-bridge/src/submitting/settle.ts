import { GatehouseError } from "@gatehouse/errors";
import { type Database, noteDoubt, postAgain, type TakenRun } from "@gatehouse/store";
import type { Engine, EngineRun, NewEngineRun } from "../engines/engine.ts";
import { EngineAnswerError, EngineInDoubtError } from "../errors.ts";

/** What became of a run that an engine without unique names was to make. */
export type Settled =
  /** The engine has it, made now or found: it is the oldest of its name. A cancel that was asked for is still to be done. */
  | { outcome: "placed"; run: EngineRun }
  /** Nobody knows yet whether the engine has it: it is taken again then. The doubt was counted. */
  | { outcome: "waits"; not_before_ms: number; doubtful_since_ms: number; why: string }
  /** It was cancelled, and the engine does not have it. */
  | { outcome: "unplaced" }
  /** Another has taken it. */
  | { outcome: "lost" }
  /** What the engine was asked failed. `doubtful_since_ms` null: it surely does not have the run. `is_last`: it is given up. */
  | { outcome: "failed"; error: GatehouseError; doubtful_since_ms: number | null; is_last?: true };

/** So often nobody knew whether the engine has a run, which it had not: it does not take it. */
const MOST_DOUBTS = 10;

export interface Settling {
  db: Database;
  engine: Engine;
  /** How long a request that was cut off may still be under way. */
  settle_ms: number;
  signal: AbortSignal;
}

/**
 * Submits a run that was taken, and so marked as posted, to an engine that would make a second one of the same name. After any
 * doubt (also of whoever had it before and died): look, wait `settle_ms` from the post, look again, only then post. The wait is
 * not here: it ends with `waits`. One that is tried again is looked for as well: what was said to be gone need not be. Whenever
 * there was a doubt `reconcile` looks after the run, as a post may be applied later still. What is posted in vain again and again
 * is given up. @throws the signal's reason (the mark stays), and what the database throws
 */
export async function settle(run: TakenRun, asked: NewEngineRun, settling: Settling): Promise<Settled> {
  const { db, settle_ms } = settling;
  const since_ms = run.doubtful_since_ms;
  if (since_ms === null) {
    if (run.cancelled_at_ms !== null) return { outcome: "unplaced" };
    if (run.attempt > 1) await noteDoubt(db, run.request_id, settle_ms, { is_known: true });
    const seen = run.doubts > 0 || run.attempt > 1 ? await look(run, settling, null) : null;
    return seen ?? post(run, asked, settling);
  }
  const now_ms = await noteDoubt(db, run.request_id, settle_ms, { is_known: true });
  const seen = await look(run, settling, since_ms);
  if (seen) return seen;
  if (now_ms < since_ms + settle_ms)
    return waitFrom(since_ms, settling, "whoever submitted it before did not hear of it");
  if (run.cancelled_at_ms !== null) return { outcome: "unplaced" };
  if (run.doubts >= MOST_DOUBTS) return giveUp(run, settling, since_ms);
  return (await postAgain(db, run)) ? post(run, asked, settling) : { outcome: "lost" };
}

/** Posts once; a post that may have been applied is looked for at once. */
async function post(run: TakenRun, asked: NewEngineRun, settling: Settling): Promise<Settled> {
  const { db, engine, settle_ms, signal } = settling;
  let why = "";
  try {
    return { outcome: "placed", run: await engine.submit(asked, { signal }) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof GatehouseError)) throw error;
    if (!isDoubt(error)) return { outcome: "failed", error, doubtful_since_ms: null };
    why = error.message;
  }
  const since_ms = await noteDoubt(db, run.request_id, settle_ms);
  return (await look(run, settling, since_ms)) ?? waitFrom(since_ms, settling, why);
}

/** The oldest of that name; null when there is none. A look that fails leaves in doubt what was in doubt before. */
async function look(run: TakenRun, { engine, signal }: Settling, since_ms: number | null): Promise<Settled | null> {
  try {
    const found = await engine.find(run.run_name, run.namespace, { signal });
    // Runs of attempts before were ended when they were found.
    const oldest = found.find((each) => run.attempt === 1 || each.status !== "cancelled");
    return oldest ? { outcome: "placed", run: oldest } : null;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof GatehouseError)) throw error;
    return { outcome: "failed", error, doubtful_since_ms: since_ms };
  }
}

function giveUp({ run_name, doubts, message }: TakenRun, { engine }: Settling, doubtful_since_ms: number): Settled {
  const error = new EngineInDoubtError(
    `Cannot submit run "${run_name}" as ${engine.name} must say whether it made it: it did not ${doubts} times, and had not; its last words are ${JSON.stringify(message)}`,
  );
  return { outcome: "failed", error, doubtful_since_ms, is_last: true };
}

function waitFrom(since_ms: number, { settle_ms }: Settling, why: string): Settled {
  return { outcome: "waits", not_before_ms: since_ms + settle_ms, doubtful_since_ms: since_ms, why };
}

const isDoubt = (error: GatehouseError): boolean =>
  [EngineInDoubtError, EngineAnswerError].some((Class) => error instanceof Class);
