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
  /** Calls let through since the circuit became half-open. */
  #trials = 0;

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
    this.#policy.onHalfOpen(() => {
      this.#trials = 0;
    });
  }

  /** How much longer nothing is let through; 0 when calls are. */
  openForMs(): number {
    if (this.#policy.state !== CircuitState.Open) return 0;
    return Math.max(0, this.#opened_at_ms + this.#open_ms - Date.now());
  }

  /** Lets a call start, or says why not: the circuit is open, or half-open with all its trials under way. */
  admit(): Trial | "open" | "under trial" {
    if (this.#policy.state === CircuitState.HalfOpen && this.#trials >= HALF_OPEN.calls) return "under trial";
    let admitted = false;
    const outcome = Promise.withResolvers<void>();
    const run = this.#policy
      .execute(() => {
        admitted = true;
        this.#trials++;
        return outcome.promise;
      })
      .catch(() => {});
    if (!admitted) return "open";
    return {
      settle: (error) => {
        if (error === undefined) outcome.resolve();
        else outcome.reject(error);
        return run;
      },
    };
  }
}
