import { type CircuitBreakerPolicy, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from "cockatiel";

/** A call that the breaker let through. */
export interface Trial {
  /** Tells that it goes well, before it ends: a half-open circuit need not wait for the end of a stream. */
  goesWell(): void;
  /** Tells how it ended, once: without an error it went well; one that says nothing of the server is no trial. Resolves when the breaker has taken note. */
  settle(error?: unknown): Promise<void>;
}

/** A half-open circuit lets three calls through at a time. */
const TRIALS = 3;
/** As many trials that go well close it. */
const WELL = 2;
/** More failures than one (calls x threshold) open it again. The library counts every other end as one that went well: it must never have all calls. */
const HALF_OPEN = { calls: 2 ** 20, threshold: 2 ** -20 };

/** Since the circuit became half-open: calls let through that still count, and those of them that went well. */
interface Trials {
  given: number;
  well: number;
}

interface BreakerOptions {
  /** In a row. */
  failures: number;
  open_ms: number;
  /** Whether an error is the server's. */
  counts: (error: unknown) => boolean;
  /** Whether an error that is not is an answer all the same (`400`): then the server is well. */
  answers: (error: unknown) => boolean;
}

/** The library's own wait is by the wall clock, which may be set: it has none. */
const NO_WAIT = Number.NEGATIVE_INFINITY;

/** The circuit breaker of one server. A call may outlive the function that started it: streams settle at their end. */
export class Breaker {
  readonly #options: BreakerOptions;
  /** Replaced when the circuit closes early: what was let through before then counts no more. */
  #policy: CircuitBreakerPolicy;
  /** By the monotonic clock. */
  #opened_at_ms = NO_WAIT;
  #trials: Trials = { given: 0, well: 0 };
  /** Whether the last look at the server found it, since the circuit opened. */
  #reached = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#policy = this.#makePolicy();
  }

  /** How much longer nothing is let through; 0 when calls are. */
  openForMs(): number {
    if (this.#policy.state !== CircuitState.Open) return 0;
    return Math.max(0, this.#opened_at_ms + this.#options.open_ms - performance.now());
  }

  /** Lets a call start, or says why not: the circuit is open, or half-open with all its trials under way. */
  admit(): Trial | "open" | "under trial" {
    if (this.openForMs() > 0) return "open";
    const policy = this.#policy;
    if (policy.state === CircuitState.HalfOpen && this.#trials.given >= TRIALS) return "under trial";
    let admitted = false;
    const outcome = Promise.withResolvers<void>();
    const run = policy
      .execute(() => {
        admitted = true;
        return outcome.promise;
      })
      .catch(() => {});
    if (!admitted) return "open";
    const trials = policy.state === CircuitState.HalfOpen ? this.#trials : null;
    if (trials) trials.given++;
    let is_well = trials === null;
    const goesWell = () => {
      if (!is_well) this.#trialWentWell(policy, trials!);
      is_well = true;
    };
    return {
      goesWell,
      settle: (error) => {
        const { counts, answers } = this.#options;
        if (error === undefined || (!counts(error) && answers(error))) goesWell();
        else if (trials && !is_well && !counts(error)) trials.given--;
        if (error === undefined) outcome.resolve();
        else outcome.reject(error);
        return run;
      },
    };
  }

  /**
   * Tells what a look at the server found. Once it is there again an open circuit lets trials through without waiting; when
   * they fail, the server can be reached but does not work, and its time is waited out.
   */
  lookedAt(reached: boolean): void {
    const is_back = reached && !this.#reached;
    this.#reached = reached;
    if (!is_back || this.#policy.state !== CircuitState.Open) return;
    this.#opened_at_ms = NO_WAIT;
    this.#policy = this.#makePolicy({ value: CircuitState.Open, openedAt: 0, attemptNo: 1 });
  }

  #trialWentWell(policy: CircuitBreakerPolicy, trials: Trials): void {
    if (++trials.well < WELL || policy !== this.#policy || trials !== this.#trials) return;
    this.#policy = this.#makePolicy();
  }

  #makePolicy(ownState: object = { value: CircuitState.Closed }): CircuitBreakerPolicy {
    const { failures, counts } = this.#options;
    const policy = circuitBreaker(handleWhen(counts), {
      breaker: new ConsecutiveBreaker(failures),
      halfOpenAfter: NO_WAIT,
      halfOpenSampling: HALF_OPEN,
      initialState: { ownState, breakerState: 0 },
    });
    let on_trial = false;
    policy.onBreak(() => {
      this.#opened_at_ms = performance.now();
      if (!on_trial) this.#reached = false;
    });
    policy.onHalfOpen(() => {
      on_trial = true;
      this.#trials = { given: 0, well: 0 };
    });
    policy.onReset(() => {
      on_trial = false;
    });
    return policy;
  }
}
