import type { Embedder } from "@gatehouse/models";
import { embedWaiting } from "@gatehouse/retrieval";
import { ack, type DueContext, retry, type Verdict } from "@gatehouse/runtime";
import type { Database, VectorStore } from "@gatehouse/store";
import { whenBack } from "./when-back.ts";

/** What embedding leans on. */
export interface EmbedDeps {
  readonly db: Database;
  readonly vectors: VectorStore;
  /** Null: nothing is embedded, and passages are found by their words. */
  readonly embedder: Embedder | null;
}

/** Passages of one step. */
const AT_ONCE = 64;
/** Then the row is given back, so that it is never aborted for its length. */
const WORK_MS = 60_000;

/** Gives passages their vectors, and takes away those of passages that are to go, until nothing waits. */
export function embedPassages(
  _payload: unknown,
  { db, vectors, embedder, signal, stage, log }: DueContext<EmbedDeps>,
): Promise<Verdict> {
  const until_ms = performance.now() + WORK_MS;
  return whenBack(log, async () => {
    while (performance.now() < until_ms)
      if ((await stage("embed", () => embedWaiting(db, vectors, embedder, { most: AT_ONCE, signal }))) === 0)
        return ack;
    return retry({ afterMs: 0 });
  });
}
