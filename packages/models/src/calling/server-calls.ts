import { GatehouseError } from "@gatehouse/errors";
import type { RetryPolicy } from "cockatiel";
import { ModelAnswerError, ModelBusyError, ModelTimeoutError } from "../errors.ts";
import { Breaker, type Trial } from "./breaker.ts";
import { type CallOptions, USUAL_PRIORITY } from "./call-options.ts";
import type { Calling } from "./calling.ts";
import { Deadline } from "./deadline.ts";
import { type Callee, type Fault, faultsOf, timedOut } from "./faults.ts";
import { InFlight, QueueFull, type Release } from "./in-flight.ts";
import { retryPolicy, untilAborted } from "./retrying.ts";

export interface ServerCallsOptions {
  callee: Callee;
  in_flight: number;
  /** Until the answer begins, and the longest wait for a slot. */
  timeout_ms: number;
  /** Kept out of errors, whatever the server says. */
  secret?: string | null;
  calling: Calling;
}

/** `setTimeout` takes no more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A call that has its slot. */
export interface AdmittedCall {
  /** Runs since the call was let through. */
  deadline: Deadline;
  /** The caller's. */
  signal: AbortSignal;
  /** `performance.now()` when it was let through. */
  started_ms: number;
  /** Tells the breaker before the end that the server is well. */
  goesWell: () => void;
  /** Hands back the slot and tells the breaker how it went. */
  settle: (error?: unknown) => Promise<void>;
}

/** Slots, circuit breaker and retries of one server, around attempts over any transport. */
export class ServerCalls {
  readonly fault: Fault;
  readonly #options: ServerCallsOptions;
  readonly #inFlight: InFlight;
  readonly #breaker: Breaker;
  readonly #retry: RetryPolicy;

  constructor(options: ServerCallsOptions) {
    const { callee, in_flight, secret, calling } = options;
    this.#options = options;
    this.fault = faultsOf(callee, secret);
    this.#inFlight = new InFlight({ slots: in_flight, queue: calling.queue });
    this.#breaker = new Breaker({
      failures: calling.breaker_failures,
      open_ms: calling.breaker_open_ms,
      counts: (error) =>
        error instanceof callee.Down ||
        error instanceof ModelAnswerError ||
        (error instanceof ModelTimeoutError && (error as GatehouseError).facts.of === "server"),
      answers: (error) => error instanceof GatehouseError && "status" in error.facts,
    });
    this.#retry = retryPolicy(calling);
  }

  /**
   * Tries until an attempt resolves; it then holds its slot, and whoever gets the result settles the call. What resolves
   * after the caller gave up goes to `discard`.
   * @throws {ModelBusyError} @throws the callee's Down error while the circuit is open @throws what an attempt throws
   * @throws the signal's reason when the caller gave up
   */
  async open<T>(
    attempt: (call: AdmittedCall) => Promise<T>,
    { discard, ...options }: CallOptions & { discard: (late: T) => void },
  ): Promise<T> {
    const { signal, deadline_ms } = options;
    signal.throwIfAborted();
    const tries = (until: AbortSignal) =>
      untilAborted(
        this.#retry.execute(() => {
          until.throwIfAborted(); // the wait between two tries is waited out even so
          return this.#attempt(attempt, options);
        }, until),
        { signal: until, discard },
      );
    return deadline_ms === undefined ? tries(signal) : this.#until(deadline_ms, signal, tries);
  }

  /** Also the waits between tries end at the caller's deadline. */
  async #until<T>(deadline_ms: number, signal: AbortSignal, tries: (until: AbortSignal) => Promise<T>): Promise<T> {
    const patience = new Deadline(signal, deadline_ms);
    patience.arm(LONGEST_TIMER_MS);
    try {
      if (patience.timeout_ms === 0) throw timedOut(this.fault, patience);
      return await tries(patience.signal);
    } catch (error) {
      throw patience.expired ? timedOut(this.fault, patience) : error;
    } finally {
      patience.dispose();
    }
  }

  /** Like `open`, for attempts that are over when they resolve. */
  async whole<T>(attempt: (call: AdmittedCall) => Promise<T>, options: CallOptions): Promise<T> {
    const settling = async (call: AdmittedCall) => {
      const value = await attempt(call);
      call.deadline.dispose();
      await call.settle();
      return value;
    };
    return this.open(settling, { ...options, discard: () => {} });
  }

  /**
   * Looks whether the server is there, outside slots and retries; an open circuit lets trials through when it is.
   * @throws what `look` throws, and the callee's Down error when that is a time that ran out
   */
  async probe<T>(
    look: (deadline: Deadline) => Promise<T>,
    { signal, isThere = () => true }: { signal: AbortSignal; isThere?: (found: T) => boolean },
  ): Promise<T> {
    const deadline = new Deadline(signal);
    deadline.arm(this.#options.calling.probe_timeout_ms);
    try {
      const found = await look(deadline);
      this.#breaker.lookedAt(isThere(found));
      return found;
    } catch (thrown) {
      if (!signal.aborted) this.#breaker.lookedAt(false);
      throw thrown instanceof ModelTimeoutError
        ? this.fault(this.#options.callee.Down, "a probe got no answer")
        : thrown;
    } finally {
      deadline.dispose();
    }
  }

  #refuseWhileOpen(): void {
    if (this.#breaker.openForMs() > 0) throw this.#circuitOpen();
  }

  async #attempt<T>(attempt: (call: AdmittedCall) => Promise<T>, options: CallOptions): Promise<T> {
    this.#refuseWhileOpen();
    const release = this.#inFlight.take() ?? (await this.#slot(options));
    const { goesWell, settle } = this.#admit(release);
    const { signal, deadline_ms = Number.POSITIVE_INFINITY } = options;
    const { timeout_ms, calling } = this.#options;
    const deadline = new Deadline(signal, Math.min(deadline_ms, Date.now() + calling.whole_answer_ms));
    deadline.arm(timeout_ms);
    try {
      return await attempt({ deadline, signal, started_ms: performance.now(), goesWell, settle });
    } catch (error) {
      deadline.dispose();
      await settle(error);
      throw error;
    }
  }

  /** Waits for a slot, at most as long as an answer may take. */
  async #slot({ signal, priority = USUAL_PRIORITY, deadline_ms, may_wait = true }: CallOptions): Promise<Release> {
    const { timeout_ms } = this.#options;
    const patience = new Deadline(signal, deadline_ms);
    patience.arm(timeout_ms);
    try {
      if (!may_wait) throw new QueueFull();
      const urgency = { priority, deadline_ms: deadline_ms ?? Date.now() + timeout_ms };
      return await this.#inFlight.wait(urgency, patience.signal);
    } catch (thrown) {
      if (!(thrown instanceof QueueFull) && !patience.expired) throw thrown;
      const { taken, waiting } = this.#inFlight;
      throw this.fault(ModelBusyError, `a slot must be free: ${taken} calls are in flight and ${waiting} wait`, {
        facts: { in_flight: taken, waiting },
      });
    } finally {
      patience.dispose();
    }
  }

  #admit(release: Release): Trial {
    const trial = this.#breaker.admit();
    if (typeof trial === "object")
      return {
        goesWell: trial.goesWell,
        settle: (error) => {
          release();
          return trial.settle(error);
        },
      };
    release();
    if (trial === "open") throw this.#circuitOpen();
    throw this.fault(ModelBusyError, "its circuit must be closed: calls are trying whether it is well again", {
      facts: { circuit: "half-open" },
    });
  }

  #circuitOpen(): GatehouseError {
    const retry_after_ms = this.#breaker.openForMs();
    const { callee, calling } = this.#options;
    const reason = `its circuit must be closed: it is open after ${calling.breaker_failures} failures in a row or a failed trial`;
    return this.fault(callee.Down, reason, { retry_after_ms, facts: { circuit: "open" } });
  }
}
