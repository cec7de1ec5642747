import { checkVectors } from "@gatehouse/retrieval";
import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { countWaiting, putDue, type Queryable } from "@gatehouse/store";
import { SERVICE } from "../service-name.ts";
import { dueEmbedding } from "./due-embedding.ts";
import type { EmbedDeps } from "./embed-passages.ts";
import { whenBack } from "./when-back.ts";

/** Looks, at the start and hourly, whether vectors and passages fit: after another model, or a lost store, all are made anew. */
export function checkIndex(
  _payload: unknown,
  { db, vectors, embedder, signal, stage, log }: DueContext<EmbedDeps>,
): Promise<Verdict> {
  return whenBack(log, async () => {
    if (embedder) await stage("check", () => checkVectors(db, vectors, embedder, { signal }));
    if ((await countWaiting(db)) > 0) await dueEmbedding(db);
    return ack;
  });
}

/** Makes the check due, once for all replicas. */
export function dueCheck(db: Queryable): Promise<void> {
  return putDue(db, { service: SERVICE, kind: "check-index", key: "vectors", due_at_ms: Date.now() });
}
