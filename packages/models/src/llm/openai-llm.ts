import { compileCheck } from "@gatehouse/events";
import type { Static, TSchema } from "@sinclair/typebox";
import type { CallOptions } from "../calling/call-options.ts";
import type { Calling } from "../calling/calling.ts";
import type { Exchange } from "../calling/exchange.ts";
import type { Callee } from "../calling/faults.ts";
import { ModelServer } from "../calling/model-server.ts";
import { assertReachable } from "../calling/probe.ts";
import { readSecret } from "../calling/secret.ts";
import { parseServerUrl } from "../calling/server-url.ts";
import { serverWords } from "../calling/server-words.ts";
import { sseData } from "../calling/sse.ts";
import { LlmAuthError, LlmDownError, ModelAnswerError } from "../errors.ts";
import { type ChatChunk, compileChatChunkCheck, readChatChunk } from "./chat-chunk.ts";
import { LLM_DEFAULTS, type LlmConfig } from "./config.ts";
import { firstJsonObject } from "./first-json-object.ts";
import type { LlmEnd, LlmJson, LlmPart, LlmRequest } from "./llm.ts";

/** The longest answer in which JSON is looked for, in characters. */
const MOST_JSON_TEXT = 1024 * 1024;

/** A language model behind OpenAI's `/v1/chat/completions`, streamed. */
export class OpenAiLlm {
  readonly #server: ModelServer;
  readonly #callee: Callee;
  readonly #base: string;
  readonly #config: LlmConfig & Required<Omit<LlmConfig, "api_key">>;
  readonly #check = compileChatChunkCheck();

  constructor(config: LlmConfig, calling: Calling) {
    this.#config = { ...LLM_DEFAULTS, ...config };
    const { url, model, in_flight, connect_timeout_ms, timeout_ms, api_key } = this.#config;
    const { origin, server, path } = parseServerUrl(url);
    this.#base = path.endsWith("/v1") ? path : `${path}/v1`;
    this.#callee = { action: "ask the language model", server, model, Down: LlmDownError, Auth: LlmAuthError };
    const secret = api_key ? readSecret(api_key) : null;
    this.#server = new ModelServer({
      callee: this.#callee,
      origin,
      secret,
      in_flight,
      connect_timeout_ms,
      timeout_ms,
      calling,
    });
  }

  async *stream(request: LlmRequest, options: CallOptions): AsyncGenerator<LlmPart, LlmEnd, void> {
    const exchange = await this.#server.open(
      {
        method: "POST",
        path: `${this.#base}/chat/completions`,
        headers: { "content-type": "application/json", accept: "text/event-stream" },
        body: JSON.stringify(this.#body(request)),
      },
      options,
    );
    try {
      return yield* this.#parts(exchange);
    } catch (error) {
      await exchange.end(error);
      throw error;
    } finally {
      await exchange.end();
    }
  }

  async json<S extends TSchema>(request: LlmRequest, schema: S, options: CallOptions): Promise<LlmJson<Static<S>>> {
    const parts = this.stream({ json_schema: { name: "answer", schema }, ...request }, options);
    let text = "";
    let next = await parts.next();
    for (; !next.done; next = await parts.next()) text += next.value.text;
    const { model, finish_reason } = next.value;
    const value = text.length > MOST_JSON_TEXT ? undefined : firstJsonObject(text);
    if (value === undefined) {
      const seen = `${text.length} characters without one, finish_reason "${finish_reason ?? "unknown"}"`;
      throw this.#server.fault(ModelAnswerError, `the answer must hold a JSON object: current value is ${seen}`);
    }
    const check = compileCheck(schema);
    if (check.holds(value)) return { value, model, text };
    const [first] = check.violations(value, 1);
    throw this.#server.fault(ModelAnswerError, `the answer's ${first?.path || "JSON"} ${first?.message}`);
  }

  /** `GET /v1/models`. */
  async probe(signal: AbortSignal): Promise<void> {
    const status = await this.#server.status(`${this.#base}/models`, signal);
    assertReachable(status, { callee: this.#callee, fault: this.#server.fault });
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #body({ messages, json_schema, temperature, max_tokens }: LlmRequest): object {
    return {
      model: this.#config.model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
      temperature,
      max_tokens,
      response_format: json_schema && this.#config.json_schema ? { type: "json_schema", json_schema } : undefined,
    };
  }

  async *#parts(exchange: Exchange): AsyncGenerator<LlmPart, LlmEnd, void> {
    if (exchange.media_type !== "text/event-stream") throw await notAStream(exchange);
    const end: LlmEnd = {
      model: { name: this.#config.model, version: "unknown", backend: "openai" },
      usage: null,
      finish_reason: null,
    };
    for await (const data of sseData(exchange.chunks())) {
      if (data === "[DONE]") {
        exchange.isOver();
        return end;
      }
      const chunk = readChatChunk(data, { check: this.#check, fault: exchange.fault });
      note(chunk, end);
      const text = chunk.choices[0]?.delta?.content;
      exchange.goesWell();
      exchange.pause();
      if (text) yield { text };
      exchange.allow(this.#config.timeout_ms);
    }
    throw exchange.fault(ModelAnswerError, 'the answer must end with "[DONE]": it ended without');
  }
}

function note({ model, system_fingerprint, backend, usage, choices }: ChatChunk, end: LlmEnd): void {
  if (model) end.model.name = model;
  if (system_fingerprint) end.model.version = system_fingerprint;
  if (backend) end.model.backend = backend;
  if (usage) end.usage = { prompt_tokens: usage.prompt_tokens, completion_tokens: usage.completion_tokens };
  end.finish_reason = choices[0]?.finish_reason ?? end.finish_reason;
}

async function notAStream(exchange: Exchange) {
  const words = serverWords(await exchange.text());
  return exchange.fault(
    ModelAnswerError,
    `the answer must be "text/event-stream": it is "${exchange.media_type}" with "${words}"`,
  );
}
