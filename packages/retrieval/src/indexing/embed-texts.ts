import { describeError, GatehouseError } from "@gatehouse/errors";
import type { Embedder } from "@gatehouse/models";
import type { VectorSet, WaitingPassage } from "@gatehouse/store";
import { vectorModel } from "./vector-model.ts";

/** What an embedder made of some passages. */
export interface EmbeddedPassages {
  /** Null when it made nothing of any. */
  model: Pick<VectorSet, "model" | "dimensions"> | null;
  vectors: Map<WaitingPassage, Float32Array>;
  /** Those that it will not take, and why. */
  refused: Map<WaitingPassage, string>;
}

/** So many texts may fail one after another before it is the embedder that is broken. */
const MOST_FAILURES = 3;

/**
 * Embeds passages at once; where one spoils all, each by itself, so that it alone is refused.
 * @throws what the embedder throws, unless it is about a passage
 */
export async function embedTexts(
  embedder: Embedder,
  passages: readonly WaitingPassage[],
  signal: AbortSignal,
): Promise<EmbeddedPassages> {
  const options = { signal, priority: 3 as const };
  const texts = passages.map(({ text }) => text);
  const whole = await embedder.embed(texts, options).catch(faultOfText);
  if (!(whole instanceof GatehouseError)) {
    const vectors = new Map(passages.map((passage, at) => [passage, whole.vectors[at]!]));
    return { model: vectorModel(whole), vectors, refused: new Map() };
  }
  const made: EmbeddedPassages = { model: null, vectors: new Map(), refused: new Map() };
  for (const passage of passages) {
    const alone = await embedder.embed([passage.text], options).catch(faultOfText);
    if (!(alone instanceof GatehouseError)) {
      made.model = vectorModel(alone);
      made.vectors.set(passage, alone.vectors[0]!);
    } else if (alone.retry === "unknown" && made.vectors.size === 0 && made.refused.size >= MOST_FAILURES) throw alone;
    else made.refused.set(passage, describeError(alone).code);
  }
  if (made.vectors.size === 0 && whole.retry === "unknown") throw whole;
  return made;
}

/** @throws what cannot be the text's fault */
function faultOfText(error: unknown): GatehouseError {
  if (error instanceof GatehouseError && error.retry !== "later") return error;
  throw error;
}
