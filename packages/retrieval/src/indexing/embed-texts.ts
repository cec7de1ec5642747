import { describeError, GatehouseError } from "@gatehouse/errors";
import type { CallOptions, Embedder, Embeddings } from "@gatehouse/models";
import type { VectorSet, WaitingPassage } from "@gatehouse/store";
import { EmbedderUnusableError } from "../errors.ts";
import { vectorModel } from "./vector-model.ts";

/** What an embedder made of some passages. */
export interface EmbeddedPassages {
  model: Pick<VectorSet, "model" | "dimensions">;
  vectors: Map<WaitingPassage, Float32Array>;
  /** Those that it will not take, and why. */
  refused: Map<WaitingPassage, string>;
}

/** Every embedder takes it: where it does not, nothing is known of the passages. */
const CONTROL = "The gate is open.";
/** Of a text that is too long for the model: as much as 512 tokens hold in most languages. */
const BEGINNING = 1_000;

/**
 * Embeds passages at once; where one spoils all, each by itself, so that it alone is refused; one that is too long by its
 * beginning. A refusal is believed of an embedder that takes another text.
 * @throws {EmbedderUnusableError}, and what the embedder throws, unless it is about a passage
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
  const vectors = new Map<WaitingPassage, Float32Array>();
  const refused = new Map<WaitingPassage, string>();
  let model: EmbeddedPassages["model"] | null = null;
  for (const passage of passages) {
    const alone = await embedAlone(embedder, passage.text, options);
    if (alone instanceof GatehouseError) {
      if (model === null || alone.retry === "unknown") model = await modelInUse(embedder, options);
      refused.set(passage, describeError(alone).code);
    } else {
      model = vectorModel(alone);
      vectors.set(passage, alone.vectors[0]!);
    }
  }
  return { model: model!, vectors, refused };
}

async function embedAlone(
  embedder: Embedder,
  text: string,
  options: CallOptions,
): Promise<Embeddings | GatehouseError> {
  const alone = await embedder.embed([text], options).catch(faultOfText);
  if (!(alone instanceof GatehouseError) || text.length <= BEGINNING) return alone;
  return embedder.embed([text.slice(0, BEGINNING).toWellFormed()], options).catch(faultOfText);
}

/** @throws {EmbedderUnusableError} when it takes nothing at all */
async function modelInUse(embedder: Embedder, options: CallOptions): Promise<EmbeddedPassages["model"]> {
  const made = await embedder.embed([CONTROL], options).catch(faultOfText);
  if (!(made instanceof GatehouseError)) return vectorModel(made);
  const why = `Cannot embed passages as the embedder must take any text: ${made.message}`;
  throw new EmbedderUnusableError(why, { cause: made });
}

/** @throws what cannot be the text's fault */
function faultOfText(error: unknown): GatehouseError {
  if (error instanceof GatehouseError && error.retry !== "later") return error;
  throw error;
}
