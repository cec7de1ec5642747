import { houseTimezone, type Occurrences, readCron, type SharedConfig } from "@gatehouse/runtime";
import {
  type Database,
  dropDue,
  ensureDue,
  findSchedule,
  PIPELINE_BRIDGE,
  putDue,
  putSchedule,
  removeSchedulesBut,
} from "@gatehouse/store";

/** A schedule that was read. */
export interface Schedule {
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  readonly occurrences: Occurrences;
  readonly pipeline: string;
  readonly parameters: Record<string, unknown>;
}

export const SCHEDULE = "schedule";

/** Reads the schedules of a configuration that was checked. */
export function readSchedules({ schedules }: SharedConfig["pipelines"]): Schedule[] {
  return schedules.map(({ name, cron, timezone: written, pipeline, parameters }) => {
    const timezone = written ?? houseTimezone();
    return { name, cron, timezone, occurrences: readCron(cron, timezone), pipeline, parameters };
  });
}

/** What is due of a schedule. */
export const scheduleDue = (name: string, due_at_ms: number) => ({
  service: PIPELINE_BRIDGE,
  kind: SCHEDULE,
  key: name,
  due_at_ms,
});

/**
 * Has exactly these schedules come: new and changed ones next time, those that were there when they would have, so that
 * what was missed comes now; others never again.
 */
export async function putSchedules(db: Database, schedules: readonly Schedule[], now_ms: number): Promise<void> {
  await db.transaction(async (tx) => {
    const removed = await removeSchedulesBut(
      tx,
      schedules.map(({ name }) => name),
    );
    for (const name of removed) await dropDue(tx, scheduleDue(name, 0));
    for (const { name, cron, timezone, occurrences } of schedules) {
      const next_at_ms = occurrences.after(now_ms);
      if (next_at_ms !== null && (await putSchedule(tx, { name, cron, timezone, next_at_ms })))
        await putDue(tx, scheduleDue(name, next_at_ms));
    }
  });
  // Also where the row was given up.
  for (const { name } of schedules) {
    const kept = await findSchedule(db, name);
    if (kept) await ensureDue(db, scheduleDue(name, kept.next_at_ms));
  }
}
