import { GatehouseError } from "@gatehouse/errors";
import type { RetryPolicy } from "cockatiel";
import { type Dispatcher, Pool } from "undici";
import { ModelAnswerError, ModelBusyError, ModelTimeoutError } from "../errors.ts";
import { Breaker } from "./breaker.ts";
import type { Calling } from "./calling.ts";
import { Deadline } from "./deadline.ts";
import { Exchange, socketCode, timedOut } from "./exchange.ts";
import { type Callee, type Fault, faultsOf } from "./faults.ts";
import { InFlight, QueueFull, type Release } from "./in-flight.ts";
import { refusalOf } from "./refusal.ts";
import { retryPolicy, untilAborted } from "./retrying.ts";

export interface ModelServerOptions {
  callee: Callee;
  /** `http://127.0.0.1:9000` */
  origin: string;
  secret: string | null;
  in_flight: number;
  connect_timeout_ms: number;
  /** Until the answer begins; an exchange may set another time for what follows. */
  timeout_ms: number;
  calling: Calling;
}

/** A request to a model server. */
export interface ModelRequest {
  method: "GET" | "POST";
  path: string;
  headers?: Record<string, string>;
  body?: Uint8Array | string;
}

/** One server: its connections (HTTP/1.1, kept alive), its slots, its circuit breaker. */
export class ModelServer {
  readonly fault: Fault;
  readonly #options: ModelServerOptions;
  readonly #pool: Pool;
  readonly #inFlight: InFlight;
  readonly #breaker: Breaker;
  readonly #retry: RetryPolicy;

  constructor(options: ModelServerOptions) {
    const { callee, origin, in_flight, calling, connect_timeout_ms } = options;
    this.#options = options;
    this.fault = faultsOf(callee);
    this.#pool = new Pool(origin, {
      connections: in_flight + 1, // one more, for the probe of a server whose slots are all taken
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: connect_timeout_ms },
    });
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
   * Sends a request and waits until a 200 answer begins; what may pass is tried again. The exchange holds a slot: end it.
   * @throws {ModelBusyError} @throws {ModelTimeoutError} @throws {ModelRefusedError} @throws {ModelAnswerError}
   * @throws the callee's Down and Auth errors
   * @throws the signal's reason when the caller gave up
   */
  open(request: ModelRequest, signal: AbortSignal): Promise<Exchange> {
    signal.throwIfAborted();
    return untilAborted(
      this.#retry.execute(() => this.#attempt(request, signal), signal),
      { signal, discard: (exchange) => void exchange.end(signal.reason) },
    );
  }

  /**
   * Sends a small GET outside slots, breaker and retries, and gives its status.
   * @throws the callee's Down error while the circuit is open or when the server cannot be reached in time
   */
  async status(path: string, signal: AbortSignal): Promise<number> {
    this.#refuseWhileOpen();
    const deadline = new Deadline(signal);
    deadline.arm(this.#options.calling.probe_timeout_ms);
    try {
      const { statusCode, body } = await this.#send({ method: "GET", path }, deadline, signal);
      await body.dump({ limit: this.#options.calling.answer_bytes, signal: deadline.signal }).catch(() => {});
      return statusCode;
    } catch (thrown) {
      if (thrown instanceof ModelTimeoutError) throw this.fault(this.#options.callee.Down, "a probe got no answer");
      throw thrown;
    } finally {
      deadline.dispose();
    }
  }

  /** Closes every connection; calls in flight fail. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #attempt(request: ModelRequest, signal: AbortSignal): Promise<Exchange> {
    this.#refuseWhileOpen();
    const release = await this.#slot(signal);
    const settle = this.#admit(release);
    const deadline = new Deadline(signal);
    const { callee, calling, timeout_ms, secret } = this.#options;
    deadline.arm(timeout_ms);
    const started_ms = performance.now();
    try {
      const response = await this.#send(request, deadline, signal);
      if (response.statusCode !== 200) throw await refusalOf(response, { callee, fault: this.fault, secret });
      const { answer_bytes } = calling;
      return new Exchange({ response, deadline, signal, fault: this.fault, answer_bytes, started_ms, settle });
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

  #refuseWhileOpen(): void {
    if (this.#breaker.openForMs() > 0) throw this.#circuitOpen();
  }

  #circuitOpen(): GatehouseError {
    const retry_after_ms = this.#breaker.openForMs();
    const { breaker_failures } = this.#options.calling;
    const reason = `its circuit must be closed: it is open after ${breaker_failures} failures in a row or a failed trial`;
    return this.fault(this.#options.callee.Down, reason, { retry_after_ms, facts: { circuit: "open" } });
  }

  async #send(request: ModelRequest, deadline: Deadline, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { callee, secret } = this.#options;
    const authorization = secret === null ? {} : { authorization: `Bearer ${secret}` };
    try {
      return await this.#pool.request({
        ...request,
        headers: { ...request.headers, ...authorization },
        signal: deadline.signal,
      });
    } catch (thrown) {
      if (thrown instanceof GatehouseError) throw thrown;
      signal.throwIfAborted();
      if (deadline.expired) throw timedOut(this.fault, deadline.timeout_ms);
      const code = socketCode(thrown);
      throw this.fault(callee.Down, `it must take the request and answer: current state is "${code}"`, {
        cause: thrown,
        facts: { socket: code },
      });
    }
  }
}
