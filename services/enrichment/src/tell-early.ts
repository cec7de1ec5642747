import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { type Database, findBatch, latestRevision, lockCamera } from "@gatehouse/store";
import { settleEvent } from "./close-batch.ts";
import { factsOf } from "./event-of.ts";
import { keepRevision } from "./event-revisions.ts";
import { judge } from "./judge.ts";
import { JUDGE_TIMES } from "./judge-times.ts";
import { publishRevisions } from "./publish-revisions.ts";
import type { Deps } from "./service.ts";

/** Something urgent is in a batch: publish its event now, before the batch is over, or before its turn comes. Key: batch_id. */
export async function tellEarly(
  _payload: unknown,
  { db, llm, due, stage, publish, trace, signal, log }: DueContext<Deps>,
): Promise<Verdict> {
  const event_id = await stage("claim", () => eventOfBatch(db, due.key));
  const facts = event_id && (await factsOf(db, event_id));
  if (!event_id || !facts) return ack;
  if (!(await latestRevision(db, event_id))) {
    const timeout_ms = Math.max(0, due.due_at_ms + JUDGE_TIMES.early_ms - Date.now());
    const judgement = await stage("judge", () => judge(llm, facts, { signal, log, timeout_ms, priority: 0 }));
    const cause = `early.${due.key}` as const;
    await stage("persist", () => keepRevision(db, event_id, { cause, judgement, trace: trace() }));
  }
  return stage("publish", () => publishRevisions(db, event_id, publish));
}

/** The event of a batch, settled now. Null: the batch is not kept any more. */
async function eventOfBatch(db: Database, batch_id: string): Promise<string | null> {
  return db.transaction(async (tx) => {
    const seen = await findBatch(tx, batch_id);
    if (!seen) return null;
    await lockCamera(tx, seen.camera_id);
    const batch = await findBatch(tx, batch_id);
    return batch && settleEvent(tx, batch);
  });
}
