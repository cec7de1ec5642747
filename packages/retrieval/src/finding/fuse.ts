/** An id that some rankings found. */
export interface Fused {
  id: string;
  /** 0..1: 1 is the first of all rankings. */
  score: number;
}

/** How much the first places count above those behind them (Cormack, Clarke and Büttcher, 2009: 60). */
const K = 60;

/** Joins rankings by the places that each gives (reciprocal rank fusion), the best first; of equals, in order of their ids. */
export function fuse(rankings: readonly (readonly string[])[]): Fused[] {
  const sums = new Map<string, number>();
  for (const ranking of rankings)
    for (const [place, id] of ranking.entries()) sums.set(id, (sums.get(id) ?? 0) + 1 / (K + 1 + place));
  const most = rankings.length / (K + 1);
  return [...sums]
    .map(([id, sum]) => ({ id, score: sum / most }))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}
