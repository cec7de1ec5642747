import { GatehouseError } from "@gatehouse/errors";
import { type Dispatcher, Pool } from "undici";
import type { CallOptions } from "./call-options.ts";
import { Deadline } from "./deadline.ts";
import { Exchange, socketCode } from "./exchange.ts";
import { type Fault, timedOut } from "./faults.ts";
import { refusalOf } from "./refusal.ts";
import { type AdmittedCall, ServerCalls, type ServerCallsOptions } from "./server-calls.ts";

/** An exchange may set another `timeout_ms` for what follows its beginning. */
export interface ModelServerOptions extends ServerCallsOptions {
  /** `http://127.0.0.1:9000` */
  origin: string;
  secret: string | null;
  connect_timeout_ms: number;
}

/** A request to a model server. */
export interface ModelRequest {
  method: "GET" | "POST";
  path: string;
  headers?: Record<string, string>;
  /** In pieces only with a `content-length`. */
  body?: Uint8Array | string | readonly Uint8Array[];
}

/** Codes of a certificate that does not verify (OpenSSL's `X509_V_ERR_*` and Node's own). Trying again does not help. */
const UNTRUSTED = /CERT|VERIFY|ISSUER|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH/;

/** One server over HTTP/1.1: its kept-alive connections, and its calls. */
export class ModelServer {
  readonly #options: ModelServerOptions;
  readonly #pool: Pool;
  readonly #calls: ServerCalls;

  constructor(options: ModelServerOptions) {
    this.#options = options;
    this.#pool = new Pool(options.origin, {
      connections: options.in_flight + 1, // one more, for the probe of a server whose slots are all taken
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: options.connect_timeout_ms },
    });
    this.#calls = new ServerCalls(options);
  }

  get fault(): Fault {
    return this.#calls.fault;
  }

  /**
   * Sends a request and waits until a 200 answer begins; what may pass is tried again. The exchange holds a slot: end it.
   * @throws {ModelBusyError} @throws {ModelTimeoutError} @throws {ModelRefusedError} @throws {ModelAnswerError}
   * @throws the callee's Down and Auth errors
   * @throws the signal's reason when the caller gave up
   */
  open(request: ModelRequest, options: CallOptions): Promise<Exchange> {
    const discard = (exchange: Exchange) => void exchange.end(options.signal.reason);
    return this.#calls.open((call) => this.#exchange(request, call), { ...options, discard });
  }

  /** Sends a request outside slots, breaker and retries: what comes of it tells nothing of the server. @throws as `open` does */
  async openAside(request: ModelRequest, signal: AbortSignal): Promise<Exchange> {
    const deadline = new Deadline(signal);
    deadline.arm(this.#options.calling.probe_timeout_ms);
    const call = { deadline, signal, started_ms: performance.now(), goesWell: () => {}, settle: async () => {} };
    try {
      return await this.#exchange(request, call);
    } catch (error) {
      deadline.dispose();
      throw error;
    }
  }

  /**
   * Sends a small GET outside slots, breaker and retries, and gives its status. One below 500 ends the wait of an open circuit.
   * @throws the callee's Down error when the server cannot be reached in time
   */
  status(path: string, signal: AbortSignal): Promise<number> {
    const look = async (deadline: Deadline) => {
      const { statusCode, body } = await this.#send({ method: "GET", path }, deadline, signal);
      await body.dump({ limit: this.#options.calling.answer_bytes, signal: deadline.signal }).catch(() => {});
      return statusCode;
    };
    return this.#calls.probe(look, { signal, isThere: (status) => status < 500 });
  }

  /** Closes every connection; calls in flight fail. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #exchange(request: ModelRequest, call: AdmittedCall): Promise<Exchange> {
    const { callee, calling, secret } = this.#options;
    const response = await this.#send(request, call.deadline, call.signal);
    if (response.statusCode !== 200) throw await refusalOf(response, { callee, fault: this.fault, secret });
    return new Exchange({ ...call, response, fault: this.fault, answer_bytes: calling.answer_bytes });
  }

  async #send(request: ModelRequest, deadline: Deadline, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { callee, secret } = this.#options;
    const authorization = secret === null ? {} : { authorization: `Bearer ${secret}` };
    try {
      return await this.#pool.request({
        ...request,
        body: (request.body ?? null) as Uint8Array | string | null, // pieces are sent as they are, which its types leave out
        headers: { ...request.headers, ...authorization },
        signal: deadline.signal,
      });
    } catch (thrown) {
      if (thrown instanceof GatehouseError) throw thrown;
      signal.throwIfAborted();
      if (deadline.expired) throw timedOut(this.fault, deadline);
      const code = socketCode(thrown);
      if (UNTRUSTED.test(code))
        throw this.fault(callee.Down, `its certificate must verify: current state is "${code}"`, {
          cause: thrown,
          facts: { certificate: code },
        });
      throw this.fault(callee.Down, `it must take the request and answer: current state is "${code}"`, {
        cause: thrown,
        facts: { socket: code },
      });
    }
  }
}
