import type { CallOptions, Reranker } from "@gatehouse/models";

/** What a reranker reads of one passage. */
const MOST_CHARACTERS = 4_000;

/** Ranks passages anew by what a reranker says, which then is their score and relevance; null without one. */
export async function rerankPassages<P extends { text: string; score: number; relevance: number }>(
  reranker: Reranker | null,
  text: string,
  passages: readonly P[],
  asking: CallOptions,
): Promise<P[] | null> {
  if (reranker === null || passages.length === 0) return null;
  const texts = passages.map((passage) => passage.text.slice(0, MOST_CHARACTERS).toWellFormed());
  const { ranked } = await reranker.rank(text, texts, asking);
  return ranked.map(({ index, score }) => ({ ...passages[index]!, score, relevance: score }));
}
