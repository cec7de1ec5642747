import { once } from "node:events";

/** Resolves after a time, or as soon as the signal is aborted: at once where it already is (an `abort` that was missed never comes again). */
export async function elapsed(ms: number, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(AbortSignal.any([signal, AbortSignal.timeout(ms)]), "abort");
}
