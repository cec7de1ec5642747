import { type CallOptions, type Priority, USUAL_PRIORITY } from "../calling/call-options.ts";
import { type Fault, timedOut } from "../calling/faults.ts";

/** One item of a batcher and the caller that waits for its answer. Settles once, as it is answered, given up or too late. */
export class WaitingItem<I, A> {
  readonly item: I;
  readonly answer: Promise<A>;
  /** `performance.now()` at its arrival. */
  readonly since_ms = performance.now();
  readonly priority: Priority;
  /** Is called when the caller gave up or its deadline passed. */
  onGone: () => void = () => {};
  readonly #settling = Promise.withResolvers<A>();
  readonly #signal: AbortSignal;
  /** Until the deadline. */
  #timer: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;
  #settled = false;

  constructor(item: I, { signal, deadline_ms, priority = USUAL_PRIORITY }: CallOptions, fault: Fault) {
    this.item = item;
    this.priority = priority;
    this.answer = this.#settling.promise;
    this.#signal = signal;
    signal.addEventListener("abort", this.#giveUp, { once: true });
    if (deadline_ms === undefined) return;
    const timeout_ms = Math.max(0, deadline_ms - Date.now());
    this.#timer = setTimeout(() => this.#leave(timedOut(fault, { timeout_ms, is_whole: true })), timeout_ms);
  }

  /** Leaves the queue with that error unless it is sent within `wait_ms`. */
  waits(wait_ms: number, error: () => Error): void {
    this.#patience = setTimeout(() => this.#leave(error()), wait_ms);
  }

  /** It is on its way to the server. */
  isSent(): void {
    clearTimeout(this.#patience);
  }

  /** Hands over the answer; an error is thrown at the caller. Does nothing when the caller is gone. */
  settle(answer: A | Error): void {
    if (!this.#close()) return;
    if (answer instanceof Error) this.#settling.reject(answer);
    else this.#settling.resolve(answer);
  }

  readonly #giveUp = (): void => this.#leave(this.#signal.reason);

  #leave(reason: unknown): void {
    if (!this.#close()) return;
    this.#settling.reject(reason);
    this.onGone();
  }

  /** Lets go of timer and signal. @returns whether it was still waiting */
  #close(): boolean {
    const waited = !this.#settled;
    this.#settled = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#patience);
    this.#signal.removeEventListener("abort", this.#giveUp);
    return waited;
  }
}
