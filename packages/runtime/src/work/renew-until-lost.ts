import { elapsed } from "../elapsed.ts";

/** A lease that is held, and how it is held longer. */
export interface HeldLease {
  /** How long it lasts, from when it was asked for. */
  readonly lease_ms: number;
  /** When it was asked for, by the monotonic clock. */
  readonly asked_ms: number;
  /** Asks for the whole time again, also while an earlier call hangs. False when it is another's; throws when nobody can tell. */
  renew(): Promise<boolean>;
}

/**
 * Renews a lease every third of its time, and again when there was no answer for as long. True: it is lost, being
 * another's or not renewed for as long as it lasts, and whoever works under it must end at once. False: the signal
 * aborted first.
 */
export async function renewUntilLost({ lease_ms, asked_ms, renew }: HeldLease, signal: AbortSignal): Promise<boolean> {
  let until_ms = asked_ms + lease_ms;
  let wait_ms = lease_ms / 3;
  while (true) {
    await elapsed(Math.max(0, Math.min(wait_ms, until_ms - performance.now())), signal);
    if (signal.aborted) return false;
    const now_ms = performance.now();
    if (now_ms >= until_ms) return true;
    const renewal = renew().catch(() => null);
    const renewed = await within(Math.min(lease_ms / 3, until_ms - now_ms), renewal, signal);
    if (renewed === false) return true;
    if (renewed) until_ms = now_ms + lease_ms;
    wait_ms = renewed ? lease_ms / 3 : lease_ms / 15;
  }
}

/** What the work gives, or null when it takes longer or the signal aborts. */
async function within<T>(ms: number, work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const done = new AbortController();
  const late = elapsed(ms, AbortSignal.any([signal, done.signal])).then(() => null);
  const first = await Promise.race([work, late]);
  done.abort();
  return first;
}
