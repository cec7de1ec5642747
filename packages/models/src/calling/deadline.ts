/** Ends a call when its time is up or when its caller gives up: `signal` reaches down to the socket. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  #timer: NodeJS.Timeout | undefined;
  #expired = false;
  /** The time last set, in milliseconds. */
  timeout_ms = 0;

  constructor(caller: AbortSignal) {
    this.#caller = caller;
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
    this.disarm();
    this.timeout_ms = timeout_ms;
    this.#timer = setTimeout(() => {
      this.#expired = true;
      this.#controller.abort();
    }, timeout_ms);
  }

  /** Stops the time; the caller can still give up. */
  disarm(): void {
    clearTimeout(this.#timer);
  }

  /** Lets go of timer and caller. */
  dispose(): void {
    this.disarm();
    this.#caller.removeEventListener("abort", this.#giveUp);
  }

  readonly #giveUp = (): void => this.#controller.abort(this.#caller.reason);
}
