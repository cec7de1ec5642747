import type { ErrorClass } from "@gatehouse/errors";
import type { Checker } from "@gatehouse/events";
import type { Static, TSchema } from "@sinclair/typebox";
import type { CallOptions } from "./call-options.ts";
import type { Server } from "./called.ts";
import type { Calling } from "./calling.ts";
import type { Exchange } from "./exchange.ts";
import type { Callee, Fault } from "./faults.ts";
import type { MultipartForm } from "./form.ts";
import { readJsonAnswer } from "./json-answer.ts";
import { type ModelRequest, ModelServer } from "./model-server.ts";
import { assertReachable } from "./probe.ts";
import { readSecret } from "./secret.ts";
import { parseServerUrl } from "./server-url.ts";

export interface JsonServerOptions {
  /** Every default filled in. */
  config: Server & { model?: string } & Required<Pick<Server, "timeout_ms" | "in_flight">>;
  /** `embed texts` */
  action: string;
  Down: ErrorClass;
  Auth: ErrorClass;
  calling: Calling;
}

/** What is asked of a server; with neither body nor form it is a GET. */
export interface Question {
  /** Added to the configured URL's path: `/embed`. */
  path: string;
  /** Sent as JSON. */
  body?: object;
  /** Sent as it is. */
  form?: MultipartForm;
  /** What the answer should be; JSON unless said. */
  accept?: string;
}

/** What is asked of a server, and what must come back. */
export interface JsonQuestion<S extends TSchema> extends Question {
  check: Checker<S>;
  /** What the answer is called in an error: `detections`. */
  wanted: string;
}

/** A model server that is asked in JSON or with a form, and answers in JSON. `timeout_ms` ends the whole answer. */
export class JsonServer {
  readonly #server: ModelServer;
  readonly #callee: Callee;
  readonly #path: string;

  /** @throws {ModelConfigError} when the URL or the secret cannot be used */
  constructor({ config, action, Down, Auth, calling }: JsonServerOptions) {
    const { url, model = null, api_key, in_flight, timeout_ms } = config;
    const { origin, server, path } = parseServerUrl(url);
    this.#path = path;
    this.#callee = { action, server, model, Down, Auth };
    this.#server = new ModelServer({
      callee: this.#callee,
      origin,
      secret: api_key ? readSecret(api_key) : null,
      in_flight,
      connect_timeout_ms: timeout_ms,
      timeout_ms,
      calling,
    });
  }

  get fault(): Fault {
    return this.#server.fault;
  }

  /** @throws what `ModelServer.open` throws, and {ModelAnswerError} when the answer is not what was wanted */
  ask<S extends TSchema>(question: JsonQuestion<S>, options: CallOptions): Promise<Static<S>> {
    return this.read(question, options, (answer) => answer);
  }

  /** The same, for answers that make sense to `make` only: what it throws is the server's failure. @throws what `ask` and `make` throw */
  async read<S extends TSchema, T>(
    question: JsonQuestion<S>,
    options: CallOptions,
    make: (answer: Static<S>) => T,
  ): Promise<T> {
    const exchange = await this.open(question, options);
    return exchange.complete(async () => make(await answerOf(exchange, question)));
  }

  /** A small question outside slots, breaker and retries: what comes of it tells nothing of the server. @throws as `ask` does */
  async askAside<S extends TSchema>(question: JsonQuestion<S>, signal: AbortSignal): Promise<Static<S>> {
    const exchange = await this.#server.openAside(this.#request(question), signal);
    return exchange.complete(() => answerOf(exchange, question));
  }

  /** Asks, for an answer of any kind. @throws what `ModelServer.open` throws */
  open(question: Question, options: CallOptions): Promise<Exchange> {
    return this.#server.open(this.#request(question), options);
  }

  /** A small GET. 2xx is well; so is 404 where `may_lack` says that not every such server has the path. */
  async probe(path: string, { signal, may_lack = false }: { signal: AbortSignal; may_lack?: boolean }): Promise<void> {
    const status = await this.#server.status(this.#path + path, signal);
    if (status !== 404 || !may_lack) assertReachable(status, { callee: this.#callee, fault: this.fault });
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #request({ path, body, form, accept = "application/json" }: Question): ModelRequest {
    const request = { path: this.#path + path };
    if (form) return { ...request, method: "POST", headers: { accept, ...form.headers }, body: form.body };
    if (!body) return { ...request, method: "GET", headers: { accept } };
    const headers = { accept, "content-type": "application/json" };
    return { ...request, method: "POST", headers, body: JSON.stringify(body) };
  }
}

const answerOf = async <S extends TSchema>(
  exchange: Exchange,
  { check, wanted }: JsonQuestion<S>,
): Promise<Static<S>> => readJsonAnswer(await exchange.text(), { check, name: wanted, fault: exchange.fault });
