import { type CircuitBreakerPolicy, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from "cockatiel";

/** A call that the breaker let through. */
export interface Trial {
  /** Tells how it ended, once: without an error it went well. Resolves when the breaker has taken note. */
  settle(error?: unknown): Promise<void>;
}

/** How many calls a half-open circuit lets through; it closes when at most one of them failed. */
const HALF_OPEN = { calls: 3, threshold: 0.34 };

/** The circuit breaker of one server. A call may outlive the function that started it: streams settle at their end. */
export class Breaker {
  readonly #policy: CircuitBreakerPolicy;
  readonly #open_ms: number;
  #opened_at_ms = 0;

  constructor({
    failures,
    open_ms,
    counts,
  }: { failures: number; open_ms: number; counts: (error: unknown) => boolean }) {
    this.#open_ms = open_ms;
    this.#policy = circuitBreaker(handleWhen(counts), {
      breaker: new ConsecutiveBreaker(failures),
      halfOpenAfter: open_ms,
      halfOpenSampling: HALF_OPEN,
    });
    this.#policy.onBreak(() => {
      this.#opened_at_ms = Date.now();
    });
  }

  /** How much longer nothing is let through; 0 when calls are. */
  openForMs(): number {
    if (this.#policy.state !== CircuitState.Open) return 0;
    return Math.max(0, this.#opened_at_ms + this.#open_ms - Date.now());
  }

  /**
   * Waits until the call may start: while the circuit is half-open, for the outcome of the calls under trial.
   * @throws {BrokenCircuitError} (cockatiel's) when the circuit is open
   * @throws the signal's reason when the caller gave up
   */
  async admit(signal: AbortSignal): Promise<Trial> {
    const admitted = Promise.withResolvers<void>();
    const outcome = Promise.withResolvers<void>();
    const run = this.#policy
      .execute(() => {
        signal.throwIfAborted();
        admitted.resolve();
        return outcome.promise;
      })
      .catch(admitted.reject);
    const giveUp = () => admitted.reject(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    await admitted.promise.finally(() => signal.removeEventListener("abort", giveUp));
    return {
      settle: (error) => {
        if (error === undefined) outcome.resolve();
        else outcome.reject(error);
        return run;
      },
    };
  }
}
