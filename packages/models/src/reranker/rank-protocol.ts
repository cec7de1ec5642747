import type { ModelRef } from "@gatehouse/events";
import { Type } from "@sinclair/typebox";
import type { CallOptions } from "../calling/call-options.ts";

/** How one kind of server is asked to score texts. */
export interface RankProtocol {
  /** The most texts that it takes at once. */
  most_texts: number;
  /** Scores in any order, as the server gives them. */
  score(question: { query: string; texts: readonly string[] }, options: CallOptions): Promise<RawScores>;
  probe(signal: AbortSignal): Promise<void>;
}

export interface RawScores {
  model: ModelRef;
  scores: readonly { index: number; score: number }[];
}

/** The place of a text in the question. */
export const Index = Type.Integer({ minimum: 0, maximum: 4_095 });
