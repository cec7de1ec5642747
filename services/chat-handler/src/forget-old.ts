import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { forgetOld, putDue, type Queryable, removeEventPassages, removePassagesBefore } from "@gatehouse/store";
import { dueCheck } from "./indexing/check-index.ts";
import { dueEmbedding } from "./indexing/due-embedding.ts";
import type { Deps } from "./service.ts";
import { SERVICE } from "./service-name.ts";

/** What is older than so many days is forgotten. */
export interface Ages {
  chat_d: number;
  events_d: number;
  pipelines_d: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** As long as their stream keeps them; the newest of each user stays. */
const LOGINS_D = 7;
/** Answers, messages, sessions, passages in one statement. */
const AT_ONCE = 1_000;

/**
 * What was said longer ago than `retention.chat_d` goes, and what was seen before `retention.events_d`, so that no question
 * finds it; hourly: the row makes itself due again. Then it is looked whether the vectors are still there.
 */
export async function forgetHouse(_payload: unknown, { db, stage, ages, log }: DueContext<Deps>): Promise<Verdict> {
  const now_ms = Date.now();
  const before = (days: number) => now_ms - days * DAY_MS;
  const [chats_before_ms, events_before_ms] = [before(ages.chat_d), before(ages.events_d)];
  // Whose a run is must be known for as long as the run is.
  const owned_d = Math.max(ages.chat_d, ages.pipelines_d);
  const { chats, requests, logins } = await stage("forget", () =>
    forgetOld(
      db,
      { chats_before_ms, requests_before_ms: before(owned_d), logins_before_ms: before(LOGINS_D) },
      AT_ONCE,
    ),
  );
  const passages = await stage("forget", () => forgetPassages(db, { event: events_before_ms, turn: chats_before_ms }));
  if (passages > 0) await dueEmbedding(db);
  const most = Math.max(chats, requests, logins, passages);
  if (most > 0) log.info({ chats, logins, passages }, "what is old was forgotten");
  if (most < AT_ONCE) await dueCheck(db);
  await dueForgetting(db, now_ms + (most < AT_ONCE ? HOUR_MS : 1_000));
  return ack;
}

/** Their vectors go when the due `embed` is done. */
async function forgetPassages(db: Queryable, before: { event: number; turn: number }): Promise<number> {
  const events = await removeEventPassages(db, { before_ms: before.event, most: AT_ONCE });
  const turns = await removePassagesBefore(db, { kind: "turn", before_ms: before.turn, most: AT_ONCE });
  return Math.max(events, turns);
}

/** Makes forgetting due, once for all replicas. */
export function dueForgetting(db: Queryable, due_at_ms: number): Promise<void> {
  return putDue(db, { service: SERVICE, kind: "forget", key: "chats", due_at_ms });
}
