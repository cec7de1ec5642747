/** How long the language model is waited for before an event is told without it, and when it is asked again. */
export const JUDGE_TIMES = Object.freeze({
  /** From when something urgent was taken: the fast path tells within 5 s of the frame, detection and publishing included. */
  early_ms: 3_500,
  /** From when a batch was over. */
  tell_ms: 10_000,
  /** A batch that waited for its turn longer than that still asks for this long. */
  least_ms: 2_000,
  /** When an event is scored later there is no hurry: the model's read timeout. */
  score_ms: 120_000,
  score_soon_ms: 1_000,
  score_again_ms: 10_000,
  /** The longest wait after answers that are of no use: asking again the same way rarely gives another. */
  score_seldom_ms: 3_600_000,
});

/** When to ask again. A model that is away is asked steadily; one whose answers are of no use ever more rarely. */
export function askAgainMs(useless: boolean, first_refused_at_ms: number | null, now_ms: number): number {
  const { score_again_ms, score_seldom_ms } = JUDGE_TIMES;
  if (!useless) return score_again_ms;
  return Math.min(score_seldom_ms, Math.max(score_again_ms, now_ms - (first_refused_at_ms ?? now_ms)));
}
