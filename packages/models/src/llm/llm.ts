import type { ModelRef } from "@gatehouse/events";
import type { Static, TSchema } from "@sinclair/typebox";
import type { CallOptions } from "../calling/call-options.ts";
import { CALLING, type Calling } from "../calling/calling.ts";
import { firstAnswer, firstStream } from "../calling/ranked.ts";
import { ModelConfigError } from "../errors.ts";
import type { LlmConfig } from "./config.ts";
import { OpenAiLlm } from "./openai-llm.ts";

/** One turn of a conversation. */
export interface LlmMessage {
  role: "system" | "user" | "assistant";
  content: string;
}

/** What a language model is asked. */
export interface LlmRequest {
  messages: readonly LlmMessage[];
  /** The shape of the answer, for servers that can be held to one. */
  json_schema?: { name: string; schema: object };
  /** 0 for the likeliest words; the server's own choice when absent. */
  temperature?: number;
  /** The most tokens of the answer. */
  max_tokens?: number;
}

/** Tokens counted by the server. */
export interface LlmUsage {
  prompt_tokens: number;
  completion_tokens: number;
}

/** What is known when an answer ended. */
export interface LlmEnd {
  model: ModelRef;
  usage: LlmUsage | null;
  /** `stop`, `length`, …; null when the server did not say. */
  finish_reason: string | null;
}

/** A piece of an answer, never empty. */
export interface LlmPart {
  text: string;
}

/** An answer that was asked for as JSON. */
export interface LlmJson<T> {
  value: T;
  model: ModelRef;
  /** The whole answer as it came. */
  text: string;
}

/** Answers in words. */
export interface Llm {
  /**
   * Streams an answer; the generator returns model and usage. Asked at the first `next()`.
   * Ending the loop early, or the signal, closes the socket. Until the first part the next entry of the list may take over, not after it.
   * @throws {ModelBusyError} @throws {ModelTimeoutError} @throws {ModelRefusedError} @throws {LlmDownError} @throws {LlmAuthError}
   * @throws {ModelAnswerError} also for a stream that ends without `[DONE]`
   * @throws the signal's reason when it was aborted
   */
  stream(request: LlmRequest, options: CallOptions): AsyncGenerator<LlmPart, LlmEnd, void>;
  /**
   * Asks for JSON: thinking is dropped, the first JSON object taken and checked. The schema is also sent, unless the request names one.
   * @throws what `stream` throws, and {ModelAnswerError} when there is no such object
   */
  json<S extends TSchema>(request: LlmRequest, schema: S, options: CallOptions): Promise<LlmJson<Static<S>>>;
  /** Resolves when an entry of the list can be called. @throws {LlmDownError} @throws {LlmAuthError} */
  probe(signal: AbortSignal): Promise<void>;
  /** Closes all connections; calls in flight fail. */
  close(): Promise<void>;
}

/**
 * Makes the language model of a ranked list: an entry that is busy, down or too slow is skipped for the next.
 * Secrets are read here; nothing is connected before the first call.
 * @throws {ModelConfigError} when the list is empty, or a URL or secret cannot be used
 */
export function createLlm(config: readonly LlmConfig[], calling: Partial<Calling> = {}): Llm {
  if (config.length === 0)
    throw new ModelConfigError("Cannot make a language model as its list must have an entry: it is empty");
  const clients = config.map((entry) => new OpenAiLlm(entry, { ...CALLING, ...calling }));
  return {
    stream: (request, options) => firstStream(clients, options, (client, asked) => client.stream(request, asked)),
    json: (request, schema, options) =>
      firstAnswer(clients, options, (client, asked) => client.json(request, schema, asked)),
    probe: (signal) => firstAnswer(clients, { signal }, (client) => client.probe(signal)),
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
