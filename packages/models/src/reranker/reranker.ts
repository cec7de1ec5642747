import type { ModelRef } from "@gatehouse/events";
import type { CallOptions } from "../calling/call-options.ts";
import { CALLING, type Calling } from "../calling/calling.ts";
import { clientList, type ModelClient } from "../calling/client-list.ts";
import { firstAnswer } from "../calling/ranked.ts";
import type { RerankerConfig } from "./config.ts";
import { HttpReranker } from "./http-reranker.ts";

/** One text's rank. */
export interface RankedText {
  /** Its place among the texts that were asked about. */
  index: number;
  /** Higher is better. Each model has a scale of its own: scores of one ranking only can be compared. */
  score: number;
}

/** What a reranker says of some texts. */
export interface Ranking {
  model: ModelRef;
  /** Every text once, the best first; of equals the earlier one. */
  ranked: RankedText[];
}

/** Ranks texts by how well they answer a query. */
export interface Reranker extends ModelClient {
  /**
   * Ranks 1 to 1,000 texts. Safe to repeat.
   * @throws {ModelRefusedError} the query is empty, or the server does not take a text
   * @throws {ModelAnswerError} the answer makes no sense: a text is missing or there twice
   * @throws {ModelBusyError} @throws {ModelTimeoutError} @throws {RerankerDownError} @throws {RerankerAuthError}
   * @throws the signal's reason when it was aborted
   */
  rank(query: string, texts: readonly string[], options: CallOptions): Promise<Ranking>;
}

/**
 * Makes the reranker of a ranked list: an entry that is busy, down or too slow is skipped for the next.
 * Secrets are read here; nothing is connected before the first call.
 * @throws {ModelConfigError} when the list is empty, or a URL or secret cannot be used
 */
export function createReranker(config: readonly RerankerConfig[], calling: Partial<Calling> = {}): Reranker {
  const called = { ...CALLING, ...calling };
  const { clients, ...list } = clientList(config, "reranker", (entry) => new HttpReranker(entry, called), called);
  return {
    ...list,
    rank: (query, texts, options) => firstAnswer(clients, options, (client, asked) => client.rank(query, texts, asked)),
  };
}
