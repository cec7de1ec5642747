import { ack, type DueContext, retry, type Verdict } from "@gatehouse/runtime";
import { findRevisionByCause } from "@gatehouse/store";
import { closeIfOver } from "./close-batch.ts";
import { factsOf } from "./event-of.ts";
import { keepRevision } from "./event-revisions.ts";
import { judge } from "./judge.ts";
import { JUDGE_TIMES } from "./judge-times.ts";
import { publishRevisions } from "./publish-revisions.ts";
import type { Deps } from "./service.ts";

/** A batch is over: close it, have it judged, write it down, publish it. Key: batch_id. */
export async function tellEvent(
  _payload: unknown,
  { db, llm, rules, due, stage, publish, trace, signal, log }: DueContext<Deps>,
): Promise<Verdict> {
  const now_ms = Date.now();
  const batch = await stage("close", () => closeIfOver(db, due.key, rules, now_ms));
  if (batch?.state === "open") return retry({ afterMs: batch.closes_at_ms - now_ms });
  const event_id = batch?.event_id;
  const facts = event_id && (await factsOf(db, event_id));
  if (!facts) return ack;
  const cause = `tell.${due.key}` as const;
  if (!(await findRevisionByCause(db, event_id, cause))) {
    const timeout_ms = Math.max(JUDGE_TIMES.least_ms, due.due_at_ms + JUDGE_TIMES.tell_ms - now_ms);
    const judgement = await stage("judge", () => judge(llm, facts, { signal, log, timeout_ms }));
    await stage("persist", () => keepRevision(db, event_id, { cause, judgement, trace: trace() }));
  }
  return stage("publish", () => publishRevisions(db, event_id, publish));
}
