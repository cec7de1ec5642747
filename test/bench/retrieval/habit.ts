import type { Embedder } from "@gatehouse/models";

/** An embedder as another: every two texts are more alike, as if by `similarity` they all said the same. */
export function withHabit(embedder: Embedder, similarity: number): Embedder {
  const own = Math.sqrt(1 - similarity);
  return {
    ...embedder,
    embed: async (texts, options) => {
      const { model, vectors } = await embedder.embed(texts, options);
      const moved = vectors.map((vector) =>
        Float32Array.of(...vector.map((value) => value * own), Math.sqrt(similarity)),
      );
      return { model: { ...model, name: `${model.name}-alike` }, vectors: moved };
    },
  };
}
