import { Unit } from "@gatehouse/events";
import { Type } from "@sinclair/typebox";

const Whole = (minimum: number, maximum: number, initial: number, description: string) =>
  Type.Integer({ minimum, maximum, default: initial, description });

/** How documents, events and past chats are searched. */
export const retrieval = Type.Object({
  candidates: Whole(10, 500, 50, "Passages that vector search and keyword search find each, before they are joined"),
  min_relevance: {
    ...Unit(
      "Passages below this, 0..1, are not told: the reranker's score; without one, 1 - (1 - similarity of the vectors) * (1 - share of the question's words, by their rarity)",
    ),
    default: 0.3,
  },
  model_timeout_ms: Whole(
    100,
    60_000,
    3_000,
    "Embedder and reranker may take so long each; then it is done without them",
  ),
});
