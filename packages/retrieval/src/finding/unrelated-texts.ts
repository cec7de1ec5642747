import { setTimeout as timer } from "node:timers/promises";
import { GatehouseError } from "@gatehouse/errors";
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

/** Twelve sentences take far less, unless their model is loaded first, or stuck. */
const PROBE_MS = 60_000;
const AGAIN_MS = 60_000;

/** What can embed texts. */
interface Embeds {
  embed(texts: readonly string[], options: CallOptions): Promise<Embeddings>;
}

/** What is known of one model. */
interface Habit {
  similarity: number | null;
  /** Ends when the model was first asked, whatever came of it. */
  first: Promise<void> | null;
  /** Never while it is asked. */
  again_at_ms: number;
}

/**
 * How alike an embedder finds texts that have nothing to do with each other: from 0 to 0.8, as each has habits of its own. On a
 * scale that begins there, one limit of relevance does for all (baseline rescaling: Zhang et al., BERTScore, 2020).
 */
export class UnrelatedTexts {
  readonly #onFault: (error: GatehouseError) => void;
  readonly #again_ms: number;
  /** By name and dimensions of the model. */
  readonly #habits = new Map<string, Habit>();

  /** `onFault` is told why a model's is not known; `again_ms` after that the model is asked again. */
  constructor(onFault: (error: GatehouseError) => void = () => {}, again_ms = AGAIN_MS) {
    this.#onFault = onFault;
    this.#again_ms = again_ms;
  }

  /**
   * Of the model that made these vectors, which is asked once for all, in a time of its own; 0 until it is known. Waited for by
   * who asks, and by all at first: at most half the time until their deadline. @throws the signal's reason when it was aborted
   */
  async similarity(
    embedder: Embeds,
    made: Embeddings,
    { signal, deadline_ms = Number.POSITIVE_INFINITY }: CallOptions,
  ): Promise<number> {
    const model = keyOf(made);
    const habit = this.#habits.get(model) ?? { similarity: null, first: null, again_at_ms: 0 };
    this.#habits.set(model, habit);
    if (habit.similarity !== null) return habit.similarity;
    const asked = performance.now() < habit.again_at_ms ? null : this.#ask(embedder, model, habit);
    habit.first ??= asked!.catch(() => {});
    const patience_ms = Math.min(PROBE_MS, (deadline_ms - Date.now()) / 2);
    const patience = timer(patience_ms, undefined, { signal, ref: false }).catch(() => {});
    await Promise.race([asked ?? habit.first, patience]);
    signal.throwIfAborted();
    return habit.similarity ?? 0;
  }

  /** Whoever else comes meanwhile does not ask. */
  async #ask(embedder: Embeds, model: string, habit: Habit): Promise<void> {
    habit.again_at_ms = Number.POSITIVE_INFINITY;
    try {
      const asking = { signal: new AbortController().signal, deadline_ms: Date.now() + PROBE_MS };
      const probes = await embedder.embed([...QUESTIONS, ...PASSAGES], asking);
      if (keyOf(probes) !== model) return;
      const [questions, passages] = [probes.vectors.slice(0, QUESTIONS.length), probes.vectors.slice(QUESTIONS.length)];
      habit.similarity = meanSimilarity(questions, passages);
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      this.#onFault(error);
    } finally {
      habit.again_at_ms = performance.now() + this.#again_ms;
    }
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
