import { setTimeout as wait } from "node:timers/promises";

/** Time, so that a test can be its master. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now_ms(): number;
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's time. */
export const systemClock: Clock = {
  now_ms: () => Date.now(),
  async sleep(ms, signal) {
    await wait(ms, undefined, { signal }).catch(() => undefined);
  },
};
