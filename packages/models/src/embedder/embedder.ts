import type { ModelRef } from "@gatehouse/events";
import type { CallOptions } from "../calling/call-options.ts";
import { CALLING, type Calling } from "../calling/calling.ts";
import { clientList, type ModelClient } from "../calling/client-list.ts";
import { firstAnswer } from "../calling/ranked.ts";
import type { EmbedderConfig } from "./config.ts";
import { Dimensions } from "./dimensions.ts";
import { HttpEmbedder } from "./http-embedder.ts";

/** What an embedder says of some texts. */
export interface Embeddings {
  model: ModelRef;
  /** One per text, in their order, each of length 1: their dot product tells how alike two texts are. */
  vectors: Float32Array[];
}

/** Turns texts into vectors. */
export interface Embedder extends ModelClient {
  /**
   * Embeds 1 to 1,000 texts of 1 to 262,144 characters each. Safe to repeat.
   * @throws {ModelRefusedError} a text is empty or too long for the model
   * @throws {ModelAnswerError} the answer makes no sense, or has another number of dimensions than before
   * @throws {ModelBusyError} @throws {ModelTimeoutError} @throws {EmbedderDownError} @throws {EmbedderAuthError}
   * @throws the signal's reason when it was aborted
   */
  embed(texts: readonly string[], options: CallOptions): Promise<Embeddings>;
}

/**
 * Makes the embedder of a ranked list: an entry that is busy, down or too slow is skipped for the next. All entries must
 * serve the same model, as vectors of different models cannot be compared; one of other dimensions is refused, until the
 * entry that gave the first one failed: then its next answer says how many there are.
 * Secrets are read here; nothing is connected before the first call.
 * @throws {ModelConfigError} when the list is empty, or a URL or secret cannot be used
 */
export function createEmbedder(config: readonly EmbedderConfig[], calling: Partial<Calling> = {}): Embedder {
  const dimensions = new Dimensions();
  const shared = { calling: { ...CALLING, ...calling }, dimensions };
  const { clients, ...list } = clientList(config, "embedder", (entry) => new HttpEmbedder(entry, shared), calling);
  return {
    ...list,
    embed: (texts, options) =>
      firstAnswer(clients, options, (client, asked) => dimensions.during(client, client.embed(texts, asked))),
  };
}
