import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { findRevisionByCause } from "@gatehouse/store";
import { closedBatch } from "./close-batch.ts";
import { factsOf, keepRevision, publishRevisions } from "./event-revisions.ts";
import { judge } from "./judge.ts";
import type { Deps } from "./service.ts";

const JUDGE_MS = 120_000;

/** A batch is over: close it, have it judged, write it down, publish it. Key: batch_id. */
export async function tellEvent(
  _payload: unknown,
  { db, llm, rules, due, stage, publish, signal, log }: DueContext<Deps>,
): Promise<Verdict> {
  const batch = await stage("close", () => closedBatch(db, due.key, rules, Date.now()));
  if (!batch) return ack;
  const event_id = batch.event_id ?? batch.batch_id;
  const cause = `tell.${batch.batch_id}` as const;
  if (!(await findRevisionByCause(db, event_id, cause))) {
    const facts = await factsOf(db, event_id);
    const judgement = await stage("judge", () => judge(llm, facts, { signal, log, timeout_ms: JUDGE_MS }));
    await stage("persist", () => keepRevision(db, event_id, cause, judgement));
  }
  await stage("publish", () => publishRevisions(db, event_id, publish));
  return ack;
}
