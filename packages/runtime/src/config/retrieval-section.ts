import { Unit } from "@gatehouse/events";
import { Type } from "@sinclair/typebox";

const Whole = (minimum: number, maximum: number, initial: number, description: string) =>
  Type.Integer({ minimum, maximum, default: initial, description });

/** How documents, events and past chats are searched. */
export const retrieval = Type.Object({
  candidates: Whole(10, 500, 50, "Passages that vector search and keyword search find each, before they are joined"),
  min_relevance: {
    ...Unit(
      "Without a reranker, passages below this, 0..1, are not told: 1 - (1 - similarity of the vectors beyond that of unrelated texts) * (1 - share of the question's words, by their rarity)",
    ),
    default: 0.3,
  },
  min_rerank_score: {
    ...Unit(
      "Passages that the reranker gives less, 0..1, are not told: most give what has nothing to do with it below 0.01",
    ),
    default: 0.1,
  },
  model_timeout_ms: Whole(
    100,
    60_000,
    3_000,
    "Embedder, vectors and reranker may take so long each; then it is done without them",
  ),
});
