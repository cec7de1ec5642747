import { type Database, findRun, moveToRun, type PipelineRunRow } from "@gatehouse/store";
import type { Engine, EngineRun } from "../engines/engine.ts";
import { RunGoneError } from "../errors.ts";

/** What an engine that makes two runs of one name was found to have, and what was done about it. */
export interface KeptOne {
  found: number;
  /** Ids of the runs that were ended. */
  ended: string[];
  /** The run is another one now: the oldest. */
  moved_to: string | null;
}

export interface Keeping {
  db: Database;
  engine: Engine;
  signal: AbortSignal;
}

const OPEN: ReadonlySet<string> = new Set(["pending", "running"]);

/**
 * Keeps one of the runs that have the name of one of ours, and ends the others. Kept is the oldest, but ours where ours has
 * ended already, and none where ours ended before an engine had it. Which one is ours is written down before any other is
 * ended, so that whoever is killed between the two leaves nothing without a keeper. One that cannot be ended keeps no other.
 * Safe to repeat.
 * @throws what the engine and the database throw
 */
export async function keepOne(
  { request_id, run_name, namespace }: Pick<PipelineRunRow, "request_id" | "run_name" | "namespace">,
  { db, engine, signal }: Keeping,
): Promise<KeptOne> {
  const found = await engine.find(run_name, namespace, { signal });
  const kept = { found: found.length, ended: [] as string[], moved_to: null as string | null };
  // Read after the engine was asked: whatever was found and is ours by now is known to be.
  const run = await findRun(db, request_id);
  const choice = run && chooseOne(run, found);
  if (run === null || choice === null) return kept;
  if (run.run_id !== null && choice !== run.run_id) {
    if (!(await moveToRun(db, { request_id, from: run.run_id, to: choice }))) return kept;
    kept.moved_to = choice;
  }
  const faults: unknown[] = [];
  for (const { run_id, status } of found) {
    if (run_id === choice || !OPEN.has(status)) continue;
    await end({ run_name, run_id, namespace }, { engine, signal }).then(
      () => kept.ended.push(run_id),
      (fault: unknown) => faults.push(fault),
    );
  }
  signal.throwIfAborted();
  if (faults.length > 0) throw faults[0];
  return kept;
}

/**
 * The id of the run to keep: `""` none of them; null: leave all as they are, as ours is not among them, or is being submitted.
 * Kubeflow's times have whole seconds: among runs of one second it is ours. One that was ended, or failed, is no reason to
 * leave ours.
 */
function chooseOne({ run_id, state }: PipelineRunRow, found: readonly EngineRun[]): string | null {
  if (state === "waiting") return null;
  const has_ended = !["submitted", "pending", "running"].includes(state);
  if (has_ended) return run_id ?? "";
  const ours = found.find((each) => each.run_id === run_id);
  if (!ours) return null;
  const older = found.find(
    ({ created_at_ms, status }) => created_at_ms < ours.created_at_ms && (OPEN.has(status) || status === "succeeded"),
  );
  return older?.run_id ?? ours.run_id;
}

/** Ends a run; one that is gone has ended. */
async function end(
  run: { run_name: string; run_id: string; namespace: string },
  { engine, signal }: Omit<Keeping, "db">,
): Promise<void> {
  await engine.cancel(run, { signal }).catch((error: unknown) => {
    if (!(error instanceof RunGoneError)) throw error;
  });
}
