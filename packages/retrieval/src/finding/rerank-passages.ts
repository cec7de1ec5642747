import type { CallOptions, Reranker } from "@gatehouse/models";

/** Passages that are reranked, unless more are wanted: what its servers take at once. */
const MOST_PASSAGES = 32;
/** What a reranker reads of one passage. */
const MOST_CHARACTERS = 4_000;

/** Ranks the first passages anew by what a reranker says, which then is their score and relevance; null without one. */
export async function rerankPassages<P extends { text: string; score: number; relevance: number }>(
  reranker: Reranker | null,
  { text, top_k }: { text: string; top_k: number },
  passages: readonly P[],
  asking: CallOptions,
): Promise<P[] | null> {
  if (reranker === null || passages.length === 0) return null;
  const asked = passages.slice(0, Math.max(MOST_PASSAGES, top_k));
  const texts = asked.map((passage) => passage.text.slice(0, MOST_CHARACTERS).toWellFormed());
  const { ranked } = await reranker.rank(text, texts, asking);
  return ranked.map(({ index, score }) => ({ ...asked[index]!, score, relevance: score }));
}
