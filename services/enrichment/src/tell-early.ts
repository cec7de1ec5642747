import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { type Database, findBatch, latestRevision, lockCamera } from "@gatehouse/store";
import { settleEvent } from "./close-batch.ts";
import { factsOf, keepRevision, publishRevisions } from "./event-revisions.ts";
import { judge } from "./judge.ts";
import type { Deps } from "./service.ts";

/** The fast path must tell within 5 s: a model that needs longer scores it later. */
const JUDGE_MS = 3_000;

/** Something urgent is in an open batch: publish its event now, before the batch is over. Key: batch_id. */
export async function tellEarly(
  _payload: unknown,
  { db, llm, due, stage, publish, signal, log }: DueContext<Deps>,
): Promise<Verdict> {
  const event_id = await stage("claim", () => eventOfOpenBatch(db, due.key));
  if (event_id === null) return ack;
  if (!(await latestRevision(db, event_id))) {
    const facts = await factsOf(db, event_id);
    const judgement = await stage("judge", () => judge(llm, facts, { signal, log, timeout_ms: JUDGE_MS }));
    await stage("persist", () => keepRevision(db, event_id, `early.${due.key}`, judgement, { first_only: true }));
  }
  await stage("publish", () => publishRevisions(db, event_id, publish));
  return ack;
}

/** The event of a batch, settled now. Null when the batch goes on with an event that was told already. */
async function eventOfOpenBatch(db: Database, batch_id: string): Promise<string | null> {
  return db.transaction(async (tx) => {
    const seen = await findBatch(tx, batch_id);
    if (!seen) return null;
    await lockCamera(tx, seen.camera_id);
    const batch = (await findBatch(tx, batch_id))!;
    if (batch.event_id !== null) return batch.event_id;
    const { event_id, continued } = await settleEvent(tx, batch);
    return continued ? null : event_id;
  });
}
