import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { forgetOld, putDue, type Queryable } from "@gatehouse/store";
import type { Deps } from "./service.ts";
import { SERVICE } from "./service-name.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What language models cost is kept for a year, and the month that is billed. */
const SPENDING_DAYS = 400;
/** Events in one statement. */
const AT_ONCE = 1_000;

/** Events older than `retention.events_d` go, with their batches, and what models cost long ago, each hour; the row makes itself due again. */
export async function forgetEvents(
  _payload: unknown,
  { db, stage, keep_days, log }: DueContext<Deps>,
): Promise<Verdict> {
  const now_ms = Date.now();
  const ages = {
    events_before_ms: now_ms - keep_days * DAY_MS,
    spending_before_ms: now_ms - SPENDING_DAYS * DAY_MS,
  };
  const { events } = await stage("forget", () => forgetOld(db, ages, AT_ONCE));
  if (events > 0) log.info({ events }, "old events forgotten");
  await dueForgetting(db, now_ms + (events < AT_ONCE ? HOUR_MS : 1_000));
  return ack;
}

/** Makes forgetting due, once for all replicas. */
export function dueForgetting(db: Queryable, due_at_ms: number): Promise<void> {
  return putDue(db, { service: SERVICE, kind: "forget", key: "events", due_at_ms });
}
