/** What a batch costs: a fixed part and one per item. */
export const BATCH_MS = 8;
export const ITEM_MS = 0.6;
export const MAX_ITEMS = 32;

/** Works on one batch at a time, in order of arrival; an item's answer is its double. */
export class SerialGpu {
  #last: Promise<unknown> = Promise.resolve();

  run(items: readonly number[]): Promise<number[]> {
    const done = this.#last.then(() => until(performance.now() + BATCH_MS + ITEM_MS * items.length));
    this.#last = done;
    return done.then(() => items.map((item) => item * 2));
  }
}

/** Timers are a millisecond late or so: the rest is waited for in turns of the event loop. */
async function until(at_ms: number): Promise<void> {
  const timer_ms = at_ms - performance.now() - 2;
  if (timer_ms > 0) await new Promise((resolve) => setTimeout(resolve, timer_ms));
  while (performance.now() < at_ms) await new Promise((resolve) => setImmediate(resolve));
}
