import { setTimeout as timer } from "node:timers/promises";

/** Resolves after a time, or as soon as the signal is aborted: at once where it already is. Leaves nothing on the signal. */
export async function elapsed(ms: number, signal: AbortSignal): Promise<void> {
  await timer(ms, undefined, { signal, ref: false }).catch(() => {});
}
