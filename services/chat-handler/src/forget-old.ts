import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { forgetOld, putDue, type Queryable } from "@gatehouse/store";
import type { Deps } from "./service.ts";
import { SERVICE } from "./service-name.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Answers, messages, sessions in one statement. */
const AT_ONCE = 1_000;

/** What was said longer ago than `retention.chat_d` goes, hourly; the row makes itself due again. */
export async function forgetChats(
  _payload: unknown,
  { db, stage, keep_days, log }: DueContext<Deps>,
): Promise<Verdict> {
  const now_ms = Date.now();
  const { chats } = await stage("forget", () =>
    forgetOld(db, { chats_before_ms: now_ms - keep_days * DAY_MS }, AT_ONCE),
  );
  if (chats > 0) log.info({ chats }, "old answers forgotten");
  await dueForgetting(db, now_ms + (chats < AT_ONCE ? HOUR_MS : 1_000));
  return ack;
}

/** Makes forgetting due, once for all replicas. */
export function dueForgetting(db: Queryable, due_at_ms: number): Promise<void> {
  return putDue(db, { service: SERVICE, kind: "forget", key: "chats", due_at_ms });
}
