import { ack, type DueContext, retry, type Verdict } from "@gatehouse/runtime";
import { latestRevision } from "@gatehouse/store";
import { factsOf } from "./event-of.ts";
import { judgedBy, keepRevision } from "./event-revisions.ts";
import { judge } from "./judge.ts";
import { askAgainMs, JUDGE_TIMES } from "./judge-times.ts";
import { publishRevisions } from "./publish-revisions.ts";
import type { Deps } from "./service.ts";

/** An event was written without a score: ask again until the model is back, then publish the update. Key: event_id. */
export async function scoreLater(
  _payload: unknown,
  { db, llm, due, stage, publish, trace, signal, log }: DueContext<Deps>,
): Promise<Verdict> {
  const latest = await latestRevision(db, due.key);
  const facts = latest && (await factsOf(db, due.key));
  if (!facts) return ack;
  if (judgedBy(latest).error !== null) {
    const timeout_ms = JUDGE_TIMES.score_ms;
    const judgement = await stage("judge", () => judge(llm, facts, { signal, log, timeout_ms, priority: 3 }));
    if (judgement.by.error !== null)
      return retry({ afterMs: askAgainMs(judgement.useless, due.first_refused_at_ms, Date.now()) });
    const cause = `score.${latest.revision}` as const;
    await stage("persist", () => keepRevision(db, due.key, { cause, judgement, trace: trace() }));
  }
  return stage("publish", () => publishRevisions(db, due.key, publish));
}
