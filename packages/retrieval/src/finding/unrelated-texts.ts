import type { CallOptions, Embeddings } from "@gatehouse/models";
import { vectorModel } from "../indexing/vector-model.ts";

/** Questions and passages of which none has to do with another. */
const QUESTIONS = [
  "How do I descale the coffee machine?",
  "Which train leaves for the coast on Sunday?",
  "Who won the chess tournament?",
  "Why do my tomatoes have yellow leaves?",
  "What does the dentist charge for a filling?",
  "Wann wird der Müll abgeholt?",
];
const PASSAGES = [
  "The glacier lost eleven metres of its length last year, more than in any year since measuring began.",
  "Press the red button for three seconds until the lamp blinks twice, then close the cover.",
  "Violins of that workshop are known for their dark varnish and narrow waist.",
  "The committee adjourned without a vote, as two members had already left the room.",
  "Knead the dough for ten minutes and let it rise under a cloth.",
  "Die Fähre legt bei Sturm nicht ab; Fahrkarten gelten dann am nächsten Tag.",
];

/** What can embed texts. */
interface Embeds {
  embed(texts: readonly string[], options: CallOptions): Promise<Embeddings>;
}

/**
 * How alike an embedder finds texts that have nothing to do with each other: from 0 to 0.8, as each has habits of its own. On a
 * scale that begins there, one limit of relevance does for all (baseline rescaling: Zhang et al., BERTScore, 2020).
 */
export class UnrelatedTexts {
  /** By name and dimensions of the model. */
  readonly #similarity = new Map<string, number>();

  /** Of the model that made these vectors; it is asked once. @throws what the embedder throws */
  async similarity(embedder: Embeds, made: Embeddings, asking: CallOptions): Promise<number> {
    const known = this.#similarity.get(keyOf(made));
    if (known !== undefined) return known;
    const probes = await embedder.embed([...QUESTIONS, ...PASSAGES], asking);
    const found = meanSimilarity(probes.vectors.slice(0, QUESTIONS.length), probes.vectors.slice(QUESTIONS.length));
    this.#similarity.set(keyOf(probes), found);
    return found;
  }
}

/** A similarity on the scale that begins at that of unrelated texts: at most 1, below 0 for what is less alike than those. */
export const beyond = (unrelated: number, similarity: number): number => (similarity - unrelated) / (1 - unrelated);

const keyOf = (made: Embeddings): string => Object.values(vectorModel(made)).join(" ");

/** At most 0.95: of an embedder to which all is alike nothing can be told. */
function meanSimilarity(some: readonly Float32Array[], others: readonly Float32Array[]): number {
  const all = some.flatMap((one) => others.map((other) => one.reduce((sum, value, at) => sum + value * other[at]!, 0)));
  return Math.min(0.95, Math.max(0, all.reduce((sum, one) => sum + one, 0) / all.length));
}
