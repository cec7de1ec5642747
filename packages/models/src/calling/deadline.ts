/** Ends a call when its time is up or when its caller gives up: `signal` reaches down to the socket. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #until_ms: number;
  #timer: NodeJS.Timeout | undefined;
  #expired = false;
  /** The time last set, in milliseconds. */
  timeout_ms = 0;
  /** Whether that was all that was left of the whole, rather than the server's time for what comes next. */
  is_whole = false;

  /** Whatever time is set later, it ends at `until_ms` (since the epoch). */
  constructor(caller: AbortSignal, until_ms = Number.POSITIVE_INFINITY) {
    this.#caller = caller;
    this.#until_ms = until_ms;
    caller.addEventListener("abort", this.#giveUp, { once: true });
    if (caller.aborted) this.#giveUp();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the time ran out, rather than the caller's patience. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Starts the time anew. */
  arm(timeout_ms: number): void {
    clearTimeout(this.#timer);
    const left_ms = Math.max(0, this.#until_ms - Date.now());
    this.is_whole = left_ms < timeout_ms;
    this.timeout_ms = Math.min(timeout_ms, left_ms);
    this.#timer = setTimeout(() => {
      this.#expired = true;
      this.#controller.abort();
    }, this.timeout_ms);
  }

  /** Lets go of timer and caller. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#caller.removeEventListener("abort", this.#giveUp);
  }

  readonly #giveUp = (): void => this.#controller.abort(this.#caller.reason);
}
