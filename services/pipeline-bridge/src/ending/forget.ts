import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { forgetOld, putDue, type Queryable } from "@gatehouse/store";
import type { Deps } from "../service.ts";
import { SERVICE } from "../service-name.ts";
import { ensureStanding } from "../standing-work.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** In one statement. */
const AT_ONCE = 1_000;

/** Runs that were asked for more than `retention.pipelines_d` ago go; hourly: the row makes itself due again. */
export async function forget(
  _payload: unknown,
  { db, catalogue, pipelines_d, log }: DueContext<Deps>,
): Promise<Verdict> {
  await ensureStanding(db, catalogue);
  const now_ms = Date.now();
  const { runs } = await forgetOld(db, { runs_before_ms: now_ms - pipelines_d * DAY_MS }, AT_ONCE);
  if (runs > 0) log.info({ runs }, "what is old was forgotten");
  await dueForgetting(db, now_ms + (runs < AT_ONCE ? HOUR_MS : 1_000));
  return ack;
}

/** Makes forgetting due, once for all replicas. */
export function dueForgetting(db: Queryable, due_at_ms: number): Promise<void> {
  return putDue(db, { service: SERVICE, kind: "forget", key: "runs", due_at_ms });
}
