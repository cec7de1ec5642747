import type { Embedder } from "@gatehouse/models";
import {
  countRemoved,
  countWaiting,
  type Database,
  lockPassages,
  markEmbedded,
  markRefused,
  settleDocuments,
  useVectorSet,
  type VectorSet,
  type VectorStore,
  type WaitingPassage,
  waitingPassages,
} from "@gatehouse/store";
import { dropOldSets, removeVectors } from "./clear-vectors.ts";
import { embedTexts } from "./embed-texts.ts";
import { scopeOf } from "./scope.ts";

export interface EmbedWaitingOptions {
  /** Passages that are worked at in this call, 1..1,000. */
  most: number;
  signal: AbortSignal;
}

/**
 * Goes on with indexing: removes the vectors of what was taken away, then gives passages without a vector one, and tells
 * which documents are ready. Gives how much is left to be done: call again while there is any. Vectors are written before the
 * rows say so, under a lock on the rows: killed at any time, it is done again, and nothing is lost or doubled. When another
 * model answers, all passages wait for its vectors. Without an embedder documents are ready once they are split.
 * @throws the embedder's errors, `VectorsDownError`, `PostgresDownError`, `StoreBusyError`, the signal's reason when aborted
 */
export async function embedWaiting(
  db: Database,
  vectors: VectorStore,
  embedder: Embedder | null,
  { most, signal }: EmbedWaitingOptions,
): Promise<number> {
  const removed = await removeVectors(db, vectors, most);
  const settle = () => db.transaction((tx) => settleDocuments(tx, { without_vectors: embedder === null }));
  await settle();
  if (embedder === null) return countRemoved(db);
  if (removed < most && (await embedSome(db, vectors, embedder, { most, signal }))) await settle();
  const remaining = await countWaiting(db);
  if (remaining === 0) await dropOldSets(db, vectors);
  return remaining;
}

/** False when none waited. */
async function embedSome(
  db: Database,
  store: VectorStore,
  embedder: Embedder,
  { most, signal }: EmbedWaitingOptions,
): Promise<boolean> {
  const waiting = await waitingPassages(db, most);
  if (waiting.length === 0) return false;
  const { model, vectors, refused } = await embedTexts(embedder, waiting, signal);
  signal.throwIfAborted();
  const set = await db.transaction((tx) => useVectorSet(tx, model));
  await keepVectors(db, store, { set, vectors });
  const { set_no } = set;
  for (const [{ passage_id, text }, why] of refused) await markRefused(db, { passage_id, text }, { why, set_no });
  return true;
}

/** What was replaced or removed while it was embedded is left as it is. */
async function keepVectors(
  db: Database,
  store: VectorStore,
  { set, vectors }: { set: VectorSet; vectors: ReadonlyMap<WaitingPassage, Float32Array> },
): Promise<void> {
  const made = new Map([...vectors].map(([{ passage_id, text }, vector]) => [passage_id, { text, vector }]));
  await db.transaction(async (tx) => {
    const rows = await lockPassages(tx, [...made.keys()]);
    const same = rows.filter(({ passage_id, text }) => made.get(passage_id)!.text === text);
    if (same.length === 0) return;
    await store.upsert(
      set.name,
      same.map((row) => ({
        id: row.passage_id,
        vector: made.get(row.passage_id)!.vector,
        scope: scopeOf(row),
        collection: row.collection,
      })),
    );
    const ids = same.map(({ passage_id }) => passage_id);
    await markEmbedded(tx, ids, set.set_no);
  });
}
