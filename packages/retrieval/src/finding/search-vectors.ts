import type { CallOptions, Embedder } from "@gatehouse/models";
import {
  type Database,
  type VectorHit,
  type VectorStore,
  VectorsDownError,
  type Viewer,
  vectorSetOf,
} from "@gatehouse/store";
import { scopesOf } from "../indexing/scope.ts";
import { vectorModel } from "../indexing/vector-model.ts";
import { beyond, type UnrelatedTexts } from "./unrelated-texts.ts";

/** What is searched. */
interface Searched {
  db: Database;
  vectors: VectorStore;
  embedder: Embedder | null;
  /** `model_timeout_ms`: after this time a store that does not answer is away. */
  settings: { model_timeout_ms: number };
  unrelated: UnrelatedTexts;
}

/** The passages whose vectors are nearest to a text's, the nearest first, with similarities of which unrelated texts have 0; null without an embedder, or before it made any. */
export async function searchVectors(
  { db, vectors, embedder, settings, unrelated }: Searched,
  { text, collection, limit, viewer }: { text: string; collection: string | null; limit: number; viewer: Viewer },
  asking: CallOptions,
): Promise<VectorHit[] | null> {
  if (embedder === null) return null;
  const embedded = await embedder.embed([text], asking);
  const set = await vectorSetOf(db, vectorModel(embedded));
  if (set === null) return null;
  const least = await unrelated.similarity(embedder, embedded, asking);
  const late = AbortSignal.timeout(settings.model_timeout_ms);
  const signal = AbortSignal.any([asking.signal, late]);
  try {
    const hits = await vectors.search(set.name, embedded.vectors[0]!, {
      limit,
      scopes: scopesOf(viewer),
      collection,
      signal,
    });
    return hits.map((hit) => ({ ...hit, similarity: beyond(least, hit.similarity) }));
  } catch (error) {
    if (signal.reason !== late.reason || !late.aborted) throw error;
    throw new VectorsDownError(`Cannot search the vectors as they must answer within ${settings.model_timeout_ms} ms`);
  }
}
