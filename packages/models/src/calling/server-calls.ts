import type { GatehouseError } from "@gatehouse/errors";
import type { RetryPolicy } from "cockatiel";
import { ModelAnswerError, ModelBusyError, ModelTimeoutError } from "../errors.ts";
import { Breaker } from "./breaker.ts";
import type { Calling } from "./calling.ts";
import { Deadline } from "./deadline.ts";
import { type Callee, type Fault, faultsOf } from "./faults.ts";
import { InFlight, QueueFull, type Release } from "./in-flight.ts";
import { retryPolicy, untilAborted } from "./retrying.ts";

export interface ServerCallsOptions {
  callee: Callee;
  in_flight: number;
  /** Until the answer begins, and the longest wait for a slot. */
  timeout_ms: number;
  calling: Calling;
}

/** A call that has its slot. */
export interface AdmittedCall {
  /** Runs since the call was let through. */
  deadline: Deadline;
  /** The caller's. */
  signal: AbortSignal;
  /** `performance.now()` when it was let through. */
  started_ms: number;
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
    const { callee, in_flight, calling } = options;
    this.#options = options;
    this.fault = faultsOf(callee);
    this.#inFlight = new InFlight({ slots: in_flight, queue: calling.queue });
    this.#breaker = new Breaker({
      failures: calling.breaker_failures,
      open_ms: calling.breaker_open_ms,
      counts: (error) =>
        error instanceof callee.Down || error instanceof ModelTimeoutError || error instanceof ModelAnswerError,
    });
    this.#retry = retryPolicy(calling);
  }

  /**
   * Tries until an attempt resolves; it then holds its slot, and whoever gets the result settles the call. What resolves
   * after the caller gave up goes to `discard`.
   * @throws {ModelBusyError} @throws the callee's Down error while the circuit is open @throws what an attempt throws
   * @throws the signal's reason when the caller gave up
   */
  open<T>(
    attempt: (call: AdmittedCall) => Promise<T>,
    { signal, discard }: { signal: AbortSignal; discard: (late: T) => void },
  ): Promise<T> {
    signal.throwIfAborted();
    const opening = this.#retry.execute(() => this.#attempt(attempt, signal), signal);
    return untilAborted(opening, { signal, discard });
  }

  /** Like `open`, for attempts that are over when they resolve. */
  async whole<T>(attempt: (call: AdmittedCall) => Promise<T>, signal: AbortSignal): Promise<T> {
    const settling = async (call: AdmittedCall) => {
      const value = await attempt(call);
      call.deadline.dispose();
      await call.settle();
      return value;
    };
    return this.open(settling, { signal, discard: () => {} });
  }

  /** @throws the callee's Down error while the circuit is open */
  refuseWhileOpen(): void {
    if (this.#breaker.openForMs() > 0) throw this.#circuitOpen();
  }

  async #attempt<T>(attempt: (call: AdmittedCall) => Promise<T>, signal: AbortSignal): Promise<T> {
    this.refuseWhileOpen();
    const release = await this.#slot(signal);
    const settle = this.#admit(release);
    const deadline = new Deadline(signal);
    deadline.arm(this.#options.timeout_ms);
    try {
      return await attempt({ deadline, signal, started_ms: performance.now(), settle });
    } catch (error) {
      deadline.dispose();
      await settle(error);
      throw error;
    }
  }

  /** Waits for a slot, at most as long as an answer may take. */
  async #slot(signal: AbortSignal): Promise<Release> {
    const patience = new Deadline(signal);
    patience.arm(this.#options.timeout_ms);
    try {
      return await this.#inFlight.take(patience.signal);
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

  #admit(release: Release): (error?: unknown) => Promise<void> {
    const trial = this.#breaker.admit();
    if (typeof trial === "object")
      return (error) => {
        release();
        return trial.settle(error);
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
