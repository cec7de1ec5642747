import { ack, type Catalogue, type DueContext, type Verdict } from "@gatehouse/runtime";
import { advanceSchedule, type Database, findSchedule, moveDue, type PipelineSchedule, putDue } from "@gatehouse/store";
import type { Nudges } from "../submitting/nudges.ts";
import { type Firing, fireRun, followFired } from "./fire-run.ts";
import { type Schedule, scheduleDue } from "./schedules.ts";

/** What schedules lean on. */
export interface ScheduleDeps {
  readonly db: Database;
  readonly catalogue: Catalogue;
  readonly nudges: Nudges;
  readonly schedules: readonly Schedule[];
}

/** A process with other settings has it, or will be started with them. */
const OTHERS_MS = 5_000;

/**
 * A schedule comes: the run of the last occurrence that is over, and when it comes next, in one transaction. Of those that
 * were missed only the last is made up for. Key: the name.
 */
export async function fireSchedule(_payload: unknown, context: DueContext<ScheduleDeps>): Promise<Verdict> {
  const { db, schedules, due, stage } = context;
  const kept = await stage("find", () => findSchedule(db, due.key));
  if (!kept) return ack;
  const { name, cron, timezone, next_at_ms, now_ms } = kept;
  const ours = schedules.find((one) => one.name === name && one.cron === cron && one.timezone === timezone);
  if (ours && next_at_ms <= now_ms) await fire(kept, ours, context);
  else await moveDue(db, scheduleDue(name, ours ? next_at_ms : Math.max(next_at_ms, now_ms + OTHERS_MS)));
  return ack;
}

async function fire(
  { now_ms, ...kept }: PipelineSchedule & { now_ms: number },
  { name, occurrences, pipeline, parameters }: Schedule,
  context: DueContext<ScheduleDeps>,
): Promise<void> {
  const { db, catalogue, stage, trace } = context;
  const occurrence_ms = Math.max(kept.next_at_ms, occurrences.atOrBefore(now_ms) ?? 0);
  const next_at_ms = occurrences.after(now_ms)!;
  const occasion = String(occurrence_ms);
  const firing: Firing = { kind: "schedule", name, occasion, pipeline, parameters, trace: trace() };
  const became = await stage("fire", () =>
    db.transaction(async (tx) => {
      if (!(await advanceSchedule(tx, kept, next_at_ms))) return null;
      await putDue(tx, scheduleDue(name, next_at_ms));
      return fireRun(tx, catalogue, firing);
    }),
  );
  if (became) followFired(became, firing, context);
}
