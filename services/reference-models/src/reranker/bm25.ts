import { terms } from "../answerer/extract.ts";

/** How soon more of a term adds nothing, and how much long texts count less (Robertson and Zaragoza, 2009: 1.2 to 2, 0.75). */
const K1 = 1.2;
const B = 0.75;

/**
 * Scores texts by the terms that they share with a query (Okapi BM25), 0 for none. How rare a term is, and how long a text
 * usually is, is told by these texts alone.
 */
export function scoreTexts(query: string, texts: readonly string[]): number[] {
  const wanted = new Set(terms(query));
  const bags = texts.map((text) => terms(text));
  const usual = bags.reduce((sum, { length }) => sum + length, 0) / bags.length || 1;
  const weights = new Map([...wanted].map((term) => [term, rarity(term, bags)]));
  return bags.map((bag) => {
    let score = 0;
    for (const [term, weight] of weights) {
      const count = bag.filter((other) => other === term).length;
      score += (weight * count * (K1 + 1)) / (count + K1 * (1 - B + (B * bag.length) / usual));
    }
    return score;
  });
}

function rarity(term: string, bags: readonly string[][]): number {
  const having = bags.filter((bag) => bag.includes(term)).length;
  return Math.log(1 + (bags.length - having + 0.5) / (having + 0.5));
}

/** A score between 0 and 1, in the same order. */
export const squashed = (score: number): number => score / (score + 1);
