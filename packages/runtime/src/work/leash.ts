/** What ends a handler at work. Its signal is made when somebody asks for it: most handlers never do, and one costs 10 us. */
export class Leash {
  /** By the monotonic clock; what sweeps moves it on. */
  deadline_ms: number;
  #reason: unknown = null;
  #controller: AbortController | null = null;

  constructor(deadline_ms: number) {
    this.deadline_ms = deadline_ms;
  }

  /** Why it was aborted, or null. */
  get reason(): unknown {
    return this.#reason;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason !== null) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Aborts the signal, once. */
  abort(reason: unknown): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
