/** Tells whoever submits runs in this process that there is one more: others find it by looking. */
export class Nudges {
  readonly #waiting = new Map<string, Set<() => void>>();

  nudge(engine: string): void {
    for (const go of [...(this.#waiting.get(engine) ?? [])]) go();
  }

  /** Resolves at the next nudge, after a time, or when the signal aborts. */
  wait(engine: string, ms: number, signal: AbortSignal): { over: Promise<void>; stop(): void } {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(engine) ?? new Set();
    this.#waiting.set(engine, waiting);
    const stop = () => {
      waiting.delete(stop);
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      resolve();
    };
    const timer = setTimeout(stop, ms);
    waiting.add(stop);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    return { over, stop };
  }
}
