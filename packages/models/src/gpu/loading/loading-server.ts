import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as timer } from "node:timers/promises";
import { GatehouseError } from "@gatehouse/errors";
import { type Dispatcher, Pool } from "undici";
import { socketCode } from "../../calling/exchange.ts";
import { shown } from "../../calling/faults.ts";
import { readSecret, type SecretRef } from "../../calling/secret.ts";
import { parseServerUrl } from "../../calling/server-url.ts";
import { serverWords } from "../../calling/server-words.ts";
import { GpuLoadError } from "../../errors.ts";
import type { MayStillAsk } from "./loading.ts";

export interface LoadingServerOptions {
  /** The model's name on the card. */
  model: string;
  url: string;
  api_key?: SecretRef | undefined;
  timeout_ms?: number | undefined;
  mayAsk: MayStillAsk;
}

/** An answer that was read to its end. */
export interface LoadingAnswer {
  status: number;
  text: string;
}

/** A large language model is read from disk for minutes. */
const TIMEOUT_MS = 300_000;
const MOST_BYTES = 4 * 1024 * 1024;
const FIRST_LOOK_MS = 50;
const MOST_LOOK_MS = 1_000;

/** A server that loads and unloads models: one connection, one request at a time. */
export class LoadingServer {
  readonly timeout_ms: number;
  readonly #model: string;
  readonly #server: string;
  readonly #path: string;
  readonly #origin: URL;
  readonly #secret: string | null;
  readonly #pool: Pool;
  readonly #guarded: Dispatcher;

  constructor({ model, url, api_key, timeout_ms = TIMEOUT_MS, mayAsk }: LoadingServerOptions) {
    const { origin, server, path } = parseServerUrl(url);
    this.timeout_ms = timeout_ms;
    this.#model = model;
    this.#server = server;
    this.#path = path;
    this.#origin = new URL(origin);
    this.#secret = api_key ? readSecret(api_key) : null;
    this.#pool = new Pool(origin, { connections: 1, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
    this.#guarded = this.#pool.compose(onlyWhile(mayAsk));
  }

  /** Asks a question that changes nothing: JSON, or a GET without a body. @throws {GpuLoadError} @throws the signal's reason */
  ask(path: string, signal: AbortSignal, body?: object): Promise<LoadingAnswer> {
    return this.#send(this.#pool, path, signal, body);
  }

  /** Has something done, unless the right to it has lapsed. @throws {GpuLoadError} @throws the signal's reason */
  order(path: string, signal: AbortSignal, body: object): Promise<LoadingAnswer> {
    return this.#send(this.#guarded, path, signal, body);
  }

  /** Connects, and asks nothing. @throws {GpuLoadError} when nobody listens @throws the signal's reason */
  async reach(signal: AbortSignal): Promise<void> {
    const { hostname, port, protocol } = this.#origin;
    const host = hostname.replace(/^\[|\]$/g, "");
    const socket = connect({ host, port: Number(port) || (protocol === "https:" ? 443 : 80) });
    try {
      await once(socket, "connect", { signal });
    } catch (thrown) {
      signal.throwIfAborted();
      throw this.#unreachable(thrown);
    } finally {
      socket.on("error", () => undefined).destroy();
    }
  }

  /** The answer, when its status is 2xx. @throws {GpuLoadError} with the server's own words */
  assertDone({ status, text }: LoadingAnswer): void {
    if (status >= 200 && status < 300) return;
    const words = serverWords(this.#secret === null ? text : text.replaceAll(this.#secret, "***"));
    throw this.fault(`the status must be 2xx: current value is ${status}${words ? ` ${shown(words)}` : ""}`);
  }

  /** The answer as JSON. @throws {GpuLoadError} */
  json(answer: LoadingAnswer): unknown {
    this.assertDone(answer);
    try {
      return JSON.parse(answer.text);
    } catch (cause) {
      throw this.fault(`the answer must be JSON: current value is ${shown(answer.text)}`, cause);
    }
  }

  /** Looks until it is so. @throws {GpuLoadError} when it takes too long @throws the signal's reason */
  async until(what: string, isSo: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    const give_up_ms = performance.now() + this.timeout_ms;
    for (let wait_ms = FIRST_LOOK_MS; !(await isSo()); wait_ms = Math.min(2 * wait_ms, MOST_LOOK_MS)) {
      if (performance.now() + wait_ms > give_up_ms)
        throw this.fault(`the server must ${what} within ${this.timeout_ms} ms: it does not`);
      await timer(wait_ms, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  fault(reason: string, cause?: unknown): GatehouseError {
    return new GpuLoadError(`Cannot load or unload model "${this.#model}" at "${this.#server}" as ${reason}`, {
      facts: { server: this.#server, model: this.#model },
      ...(cause === undefined ? {} : { cause }),
    });
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #send(dispatcher: Dispatcher, path: string, signal: AbortSignal, body?: object): Promise<LoadingAnswer> {
    const limit = AbortSignal.timeout(this.timeout_ms);
    try {
      const response = await dispatcher.request({
        method: body ? "POST" : "GET",
        path: `${this.#path}${path}` || "/",
        headers: {
          accept: "application/json",
          ...(body ? { "content-type": "application/json" } : {}),
          ...(this.#secret === null ? {} : { authorization: `Bearer ${this.#secret}` }),
        },
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.any([signal, limit]),
      });
      return { status: response.statusCode, text: await this.#textOf(response.body) };
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof GatehouseError) throw thrown;
      if (limit.aborted) throw this.fault(`the server must answer within ${this.timeout_ms} ms: it did not`);
      throw this.#unreachable(thrown);
    }
  }

  #unreachable(thrown: unknown): GatehouseError {
    const code = socketCode(thrown);
    return this.fault(`the server must take the request and answer: current state is "${code}"`, thrown);
  }

  async #textOf(body: Dispatcher.ResponseData["body"]): Promise<string> {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      parts.push(chunk);
      bytes += chunk.length;
      if (bytes > MOST_BYTES) throw this.fault(`the answer must be at most ${MOST_BYTES} bytes: it goes on after that`);
    }
    return Buffer.concat(parts).toString("utf8");
  }
}

/** Looks once more when the connection stands and the request is about to be written. */
function onlyWhile(mayAsk: MayStillAsk): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      ...forwarding(handler),
      onRequestStart(controller, context) {
        if (!mayAsk()) throw new GpuLoadError("Cannot ask a server for a load as the right to do so has lapsed");
        handler.onRequestStart?.(controller, context);
      },
    });
}

const forwarding = (handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler => ({
  onRequestUpgrade: (...told) => handler.onRequestUpgrade?.(...told),
  onResponseStart: (...told) => handler.onResponseStart?.(...told),
  onResponseData: (...told) => handler.onResponseData?.(...told),
  onResponseEnd: (...told) => handler.onResponseEnd?.(...told),
  onResponseError: (...told) => handler.onResponseError?.(...told),
});
