import { ack, type DueContext, retry, type Verdict } from "@gatehouse/runtime";
import { latestRevision } from "@gatehouse/store";
import { factsOf, keepRevision, publishRevisions } from "./event-revisions.ts";
import { judge } from "./judge.ts";
import type { Deps } from "./service.ts";

const JUDGE_MS = 120_000;
const AGAIN_MS = 15_000;

/** An event was written without a score: ask again until the model is back, then publish the update. Key: event_id. */
export async function scoreLater(
  _payload: unknown,
  { db, llm, due, stage, publish, signal, log }: DueContext<Deps>,
): Promise<Verdict> {
  const latest = await latestRevision(db, due.key);
  if (!latest) return ack;
  if (latest.event.risk.status === "unscored") {
    const facts = await factsOf(db, due.key);
    const judgement = await stage("judge", () => judge(llm, facts, { signal, log, timeout_ms: JUDGE_MS }));
    if (judgement.risk.status === "unscored") return retry({ afterMs: AGAIN_MS });
    await stage("persist", () => keepRevision(db, due.key, `score.${latest.revision}`, judgement));
  }
  await stage("publish", () => publishRevisions(db, due.key, publish));
  return ack;
}
