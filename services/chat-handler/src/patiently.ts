import { setTimeout as elapsed } from "node:timers/promises";

const LOOK_EVERY_MS = 100;

export interface Patience<T> {
  /** Whether this is what was waited for. */
  until(seen: T): boolean;
  /** When waiting ends, milliseconds since the epoch. */
  until_ms: number;
  signal: AbortSignal;
}

/** Looks again and again until it sees what is waited for, or the time is over. @throws the signal's reason */
export async function patiently<T>(look: () => Promise<T>, { until, until_ms, signal }: Patience<T>): Promise<T> {
  while (true) {
    const seen = await look();
    if (until(seen) || Date.now() >= until_ms) return seen;
    await elapsed(LOOK_EVERY_MS, undefined, { signal });
  }
}
