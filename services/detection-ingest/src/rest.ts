import { setTimeout as sleep } from "node:timers/promises";

/** Waits for a time, at most until the signal aborts. Keeps no process alive. */
export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0 && !signal.aborted) await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
