import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { forgetOld, putDue, type Queryable } from "@gatehouse/store";
import type { Deps } from "./service.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Rows in one statement. */
const AT_ONCE = 5_000;

/** Detections older than `retention.detections_d` go, each hour; the row makes itself due again. */
export async function forgetDetections(
  _payload: unknown,
  { db, stage, rules, log }: DueContext<Deps>,
): Promise<Verdict> {
  const now_ms = Date.now();
  const ages = { detections_before_ms: now_ms - rules.keep_days * DAY_MS, dead_counts_before_ms: now_ms - DAY_MS };
  const { detections } = await stage("forget", () => forgetOld(db, ages, AT_ONCE));
  if (detections > 0) log.info({ detections }, "old detections forgotten");
  await dueForgetting(db, now_ms + (detections < AT_ONCE ? HOUR_MS : 1_000));
  return ack;
}

/** Makes forgetting due, once for all replicas. */
export function dueForgetting(db: Queryable, due_at_ms: number): Promise<void> {
  return putDue(db, { service: "detection-ingest", kind: "forget", key: "detections", due_at_ms });
}
