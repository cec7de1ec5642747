import type { CardWaiter } from "./card-state.ts";

/**
 * Who goes first: the smaller number. A priority is worth `aging_ms` of waiting, so that nobody waits for ever behind
 * others that keep coming. A call that has just come has its priority as rank.
 */
export const rankOf = ({ priority, waited_ms }: Pick<CardWaiter, "priority" | "waited_ms">, aging_ms: number): number =>
  priority - waited_ms / aging_ms;

/** Waiters in the order in which they are served: by rank, those alike in order of arrival. */
export function inTurn(waiters: readonly CardWaiter[], aging_ms: number): { waiter: CardWaiter; rank: number }[] {
  return waiters
    .map((waiter) => ({ waiter, rank: rankOf(waiter, aging_ms) }))
    .sort((one, other) => one.rank - other.rank);
}
