import type { CardWaiter } from "./card-state.ts";

/** Somebody who waits, with who goes first: the smaller rank. */
export interface Ranked {
  waiter: CardWaiter;
  rank: number;
}

/**
 * Waiters in the order in which they are served. A priority is worth `aging_ms` of waiting, so that nobody waits for
 * ever behind others that keep coming; a call that has just come has its priority as rank. What a waiter told of its
 * wait may be old: it has waited at least as long as everybody who came after it.
 */
export function inTurn(waiters: readonly CardWaiter[], aging_ms: number): Ranked[] {
  let waited_ms = 0;
  const ranked = waiters.toReversed().map((waiter) => {
    waited_ms = Math.max(waited_ms, waiter.waited_ms);
    return { waiter, rank: waiter.priority - waited_ms / aging_ms };
  });
  return ranked.toReversed().sort((one, other) => one.rank - other.rank);
}
