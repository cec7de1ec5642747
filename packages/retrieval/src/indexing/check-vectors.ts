import type { Embedder } from "@gatehouse/models";
import { countEmbedded, type Database, useVectorSet, type VectorStore, vectorSets } from "@gatehouse/store";
import { vectorModel } from "./vector-model.ts";

/**
 * Looks whether the vectors fit: by the embedder that is configured now, and as many as the rows say (another store, or a
 * lost file, has fewer). If not, all passages wait for new ones. To be called at the start, before `embedWaiting`.
 * @throws the embedder's errors, `VectorsDownError`, `PostgresDownError`, and the signal's reason when it was aborted
 */
export async function checkVectors(
  db: Database,
  vectors: VectorStore,
  embedder: Embedder,
  { signal }: { signal: AbortSignal },
): Promise<{ reindexing: boolean }> {
  const [used] = await vectorSets(db);
  if (!used) return { reindexing: false };
  const model = vectorModel(await embedder.embed(["?"], { signal, priority: 3 }));
  const before = await countEmbedded(db, used.set_no);
  const points = await vectors.count(used.name);
  const rows = Math.min(before, await countEmbedded(db, used.set_no));
  const set = await db.transaction((tx) => useVectorSet(tx, model, points < rows ? used.set_no : null));
  return { reindexing: set.set_no !== used.set_no };
}
