/** Who gathers: ours; a window of 32 items or 10 ms; nobody; and the card itself, given full batches one after the other. */
export const VARIANTS = ["ours", "fixed", "none", "card"] as const;
export type Variant = (typeof VARIANTS)[number];

/** A load for one player. */
export interface Load {
  /** How many call, each again as soon as it is answered. */
  callers?: number;
  /** Or: calls a second, at random times (Poisson). */
  rate?: number;
  ms: number;
  seed: number;
}

/** What a load came to. */
export interface Played {
  answers: number;
  elapsed_ms: number;
  p50_ms: number;
  p99_ms: number;
}
