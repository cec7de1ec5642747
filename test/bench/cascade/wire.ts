/** Tokens of an answer, and each of them. */
export const ANSWER_TOKENS = 64;
export const TOKEN = " token";

/** Who asks: the bare library; a list of one; a list of two; a list whose first entry is down, its circuit open. */
export const VARIANTS = ["bare", "one", "two", "skipped"] as const;
export type Variant = (typeof VARIANTS)[number];

/** A round: each variant is asked so often, in turn. */
export interface Order {
  url: string;
  asked: number;
}

/** Milliseconds from the question: to the first token, to the end. */
export interface Times {
  first_ms: number;
  whole_ms: number;
}
