import type { CallOptions, Embedder } from "@gatehouse/models";
import { type Database, type VectorHit, type VectorStore, type Viewer, vectorSetOf } from "@gatehouse/store";
import { scopesOf } from "../indexing/scope.ts";
import { vectorModel } from "../indexing/vector-model.ts";

/** The passages whose vectors are nearest to a text's, the nearest first; null without an embedder, or before it made any. */
export async function searchVectors(
  { db, vectors, embedder }: { db: Database; vectors: VectorStore; embedder: Embedder | null },
  { text, collection, limit, viewer }: { text: string; collection: string | null; limit: number; viewer: Viewer },
  asking: CallOptions,
): Promise<VectorHit[] | null> {
  if (embedder === null) return null;
  const embedded = await embedder.embed([text], asking);
  const set = await vectorSetOf(db, vectorModel(embedded));
  if (set === null) return null;
  const { signal } = asking;
  return vectors.search(set.name, embedded.vectors[0]!, { limit, scopes: scopesOf(viewer), collection, signal });
}
