import { GatehouseError } from "@gatehouse/errors";
import type { SecretRef } from "@gatehouse/runtime";
import { type Dispatcher, Pool } from "undici";
import { EngineAnswerError, EngineAwayError, EngineInDoubtError } from "../../errors.ts";
import { BearerToken } from "./bearer-token.ts";
import { type EngineFault, faultOf } from "./engine-fault.ts";
import { noticeSending } from "./notice-sending.ts";
import { isUnknownThere, readJson, refusalIn, type Said } from "./read-answer.ts";
import { refusalError } from "./refusal.ts";
import { trusting } from "./trusting.ts";

export interface EngineServerOptions {
  engine: string;
  /** `https://argo:2746`, also with a path before the engine's own. */
  url: string;
  token: SecretRef | null;
  ca_file: string | null;
  /** An answer must have come whole within this time; that of a stream must have begun. */
  timeout_ms: number;
  /** Whether a 503 to a request that changes something says that it did not. */
  is_503_sure: boolean;
}

export interface EngineRequest {
  /** `submit run "gh-…"`: stands in errors. */
  action: string;
  method: "GET" | "POST" | "PUT";
  path: string;
  query?: Readonly<Record<string, string | number | boolean>>;
  body?: object;
  /** Statuses besides 2xx that are an answer, not an error; a 404 only in the engine's own words. */
  accept?: readonly number[];
}

export interface EngineAnswer {
  status: number;
  /** Of a 2xx; else null. */
  json: unknown;
  /** What the engine says of a status that was accepted. */
  words: string;
  fault: EngineFault;
}

interface Attempt extends EngineRequest {
  fault: EngineFault;
  pool: Pool;
  /** Undefined: it has not been read. */
  token: string | null | undefined;
  headers: Record<string, string>;
  /** Whether the request was on its way: from then on nobody knows whether a change was applied. */
  sent: { yes: boolean };
}

/** At once: submits and looks; whoever comes later waits within its own time. */
const CONNECTIONS = 64;
/** Streams have connections of their own, for as many namespaces as are watched at once, and leave those for the others free. */
const STREAMS = 256;
/** Codes of a certificate that does not verify (OpenSSL's `X509_V_ERR_*` and Node's own). */
const UNTRUSTED = /CERT|VERIFY|ISSUER|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH/;

/**
 * One engine over HTTP/1.1 with kept-alive connections. Nothing is tried again here, but for a 401 when the token file then holds
 * another token. Its errors say whether a change may have been applied: `EngineAwayError` no, `EngineInDoubtError` nobody knows.
 */
export class EngineServer {
  readonly #options: EngineServerOptions;
  readonly #token: BearerToken;
  readonly #pool: Pool;
  readonly #streams: Pool;
  readonly #server: string;
  readonly #prefix: string;

  constructor(options: EngineServerOptions) {
    const { origin, host, pathname } = new URL(options.url);
    this.#options = options;
    this.#token = new BearerToken(options.token);
    this.#server = host;
    this.#prefix = pathname.replace(/\/+$/, "");
    const connect = trusting(options.ca_file, options.timeout_ms);
    const pooled = { pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connect };
    this.#pool = new Pool(origin, { ...pooled, connections: CONNECTIONS });
    this.#streams = new Pool(origin, { ...pooled, connections: STREAMS });
  }

  /**
   * Asks once and reads the whole answer, JSON of at most 16 MiB.
   * @throws {EngineAwayError} @throws {EngineInDoubtError} @throws {EngineBusyError} @throws {EngineUnauthorizedError}
   * @throws {EngineRefusedError} @throws {EngineAnswerError} @throws the signal's reason when the caller gave up
   */
  async ask(request: EngineRequest, signal: AbortSignal): Promise<EngineAnswer> {
    const late = AbortSignal.timeout(this.#options.timeout_ms);
    const ends = AbortSignal.any([signal, late]);
    const attempt = this.#attempt(request, this.#pool, "application/json");
    const { fault } = attempt;
    try {
      const { response, said } = await this.#send(attempt, ends);
      const status = response.statusCode;
      if (said !== null) return { status, json: null, words: said.words, fault };
      return { status, json: await readJson(response, fault), words: "", fault };
    } catch (thrown) {
      throw this.#explain(thrown, attempt, { signal, late });
    }
  }

  /**
   * Asks for an answer without an end; resolves when it begins. Its bytes must be read or the signal aborted. They end when the
   * engine ends them.
   * @throws {EngineAnswerError} when it is no event stream
   * @throws what `ask` throws, the bytes {EngineAwayError} also when they are cut off or none came for `idle_ms`
   */
  async stream(
    request: EngineRequest,
    { signal, idle_ms }: { signal: AbortSignal; idle_ms: number },
  ): Promise<AsyncGenerator<Uint8Array>> {
    const silent = new AbortController();
    const attempt = this.#attempt(request, this.#streams, EVENTS);
    const explain = (thrown: unknown, waits_ms: number) =>
      this.#explain(thrown, attempt, { signal, late: silent.signal, waits_ms });
    const { timeout_ms } = this.#options;
    const late = setTimeout(() => silent.abort(), timeout_ms);
    try {
      const { response } = await this.#send(attempt, AbortSignal.any([signal, silent.signal]));
      const { body, headers } = response;
      if (headers["content-type"]?.includes(EVENTS)) return chunksOf(body, { idle_ms, silent, explain });
      body.on("error", () => undefined).destroy();
      const seen = JSON.stringify(headers["content-type"] ?? "");
      throw attempt.fault(EngineAnswerError, `the answer must be ${EVENTS}: current type is ${seen}`);
    } catch (thrown) {
      throw explain(thrown, timeout_ms);
    } finally {
      clearTimeout(late);
    }
  }

  /** Makes errors about an answer that is read elsewhere. */
  fault(action: string): EngineFault {
    return faultOf({ engine: this.#options.engine, server: this.#server, action });
  }

  /** Closes every connection; calls in flight fail. */
  async close(): Promise<void> {
    await Promise.all([this.#pool.destroy(), this.#streams.destroy()]);
  }

  #attempt(request: EngineRequest, pool: Pool, accept: string): Attempt {
    const fault = this.fault(request.action);
    return { ...request, fault, pool, token: undefined, headers: { accept }, sent: { yes: false } };
  }

  /** An answer that is good, or accepted and what it says; a 401 is asked about once more where the token was rotated meanwhile. */
  async #send(
    attempt: Attempt,
    signal: AbortSignal,
  ): Promise<{ response: Dispatcher.ResponseData; said: Said | null }> {
    attempt.token = await this.#token.current(signal);
    let response = await this.#request(attempt, signal);
    if (response.statusCode === 401 && (await this.#token.reread(signal)) !== attempt.token) {
      await response.body.dump();
      attempt.token = await this.#token.current(signal);
      response = await this.#request(attempt, signal);
    }
    const { statusCode: status, headers } = response;
    if (isGood(status)) return { response, said: null };
    const said = await refusalIn(response, attempt.token);
    if (attempt.accept?.includes(status) && (status !== 404 || isUnknownThere({ status, said })))
      return { response, said };
    throw refusalError({
      status,
      said,
      retry_after: headers["retry-after"],
      changes: attempt.method !== "GET",
      is_503_sure: this.#options.is_503_sure,
      fault: attempt.fault,
    });
  }

  #request({ pool, method, path, query = {}, body, headers, token, sent }: Attempt, signal: AbortSignal) {
    sent.yes = false;
    return pool.compose(noticeSending(() => (sent.yes = true))).request({
      method,
      path: `${this.#prefix}${path}${search(query)}`,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    });
  }

  #explain(
    thrown: unknown,
    { fault, method, sent, token }: Attempt,
    {
      signal,
      late,
      waits_ms = this.#options.timeout_ms,
    }: { signal: AbortSignal; late: AbortSignal; waits_ms?: number },
  ): unknown {
    if (thrown instanceof GatehouseError) return thrown;
    if (signal.aborted) return signal.reason;
    const changes = method !== "GET" && sent.yes;
    const Class = changes ? EngineInDoubtError : EngineAwayError;
    const who = token === undefined ? "its token file" : "something";
    if (late.aborted)
      return fault(Class, `${who} must come within ${waits_ms} ms: nothing came`, { facts: { sent: sent.yes } });
    const code = socketCode(thrown);
    const wanted = UNTRUSTED.test(code)
      ? "its certificate must verify (ca_file says whom to trust)"
      : "the connection must hold until the answer is whole";
    return fault(Class, `${wanted}: current state is "${code}"`, {
      cause: thrown,
      facts: { sent: sent.yes, socket: code },
    });
  }
}

interface Silence {
  idle_ms: number;
  /** Ends the answer. */
  silent: AbortController;
  explain(thrown: unknown, waits_ms: number): unknown;
}

async function* chunksOf(
  body: AsyncIterable<Uint8Array>,
  { idle_ms, silent, explain }: Silence,
): AsyncGenerator<Uint8Array> {
  const timer = setTimeout(() => silent.abort(), idle_ms);
  try {
    for await (const chunk of body) {
      timer.refresh();
      yield chunk;
    }
  } catch (thrown) {
    throw explain(thrown, idle_ms);
  } finally {
    clearTimeout(timer);
  }
}

const EVENTS = "text/event-stream";
const isGood = (status: number): boolean => status >= 200 && status < 300;

function search(query: NonNullable<EngineRequest["query"]>): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) pairs.set(name, String(value));
  return pairs.size === 0 ? "" : `?${pairs}`;
}

function socketCode(thrown: unknown): string {
  const { code, name } = (thrown ?? {}) as { code?: unknown; name?: unknown };
  return String(code ?? name ?? "unknown");
}
