import type { ModelRef } from "@gatehouse/events";
import type { Static, TSchema } from "@sinclair/typebox";
import type { Calling } from "../calling/calling.ts";
import type { ModelClient } from "../calling/client-list.ts";
import { firstAnswer } from "../calling/ranked.ts";
import { LlmAuthError, LlmDownError } from "../errors.ts";
import type { Spending } from "../spending/purse.ts";
import { askJson } from "./ask-json.ts";
import { cascade, oneByOne } from "./cascade.ts";
import type { LlmConfig } from "./config.ts";
import type { LlmOptions, PassedPart } from "./llm-client.ts";
import { llmClients } from "./llm-clients.ts";
import { type WireRequest, wireRequest } from "./wire-request.ts";

/** A picture as it was encoded. */
export interface LlmImage {
  bytes: Uint8Array;
  /** `image/jpeg`; what a server takes is its own affair, JPEG and PNG are taken by all. */
  media_type: string;
}

/** One turn of a conversation. */
export interface LlmMessage {
  role: "system" | "user" | "assistant";
  content: string;
  /** What the words are about, for models that see. */
  images?: readonly LlmImage[];
}

/** What a language model is asked. */
export interface LlmRequest {
  messages: readonly LlmMessage[];
  /** What was already said of the answer, by whoever began it: only what follows is streamed, after a `handover`. */
  said?: string;
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
  /** Which gave the end of the answer. */
  model: ModelRef;
  /** All that gave some of it, in order. */
  models: ModelRef[];
  /** Null when no server told it. Where an answer broke off, each of its pieces is counted as a token. */
  usage: LlmUsage | null;
  /** `stop`, `length`, …; null when the server did not say. */
  finish_reason: string | null;
}

/** Another model goes on with the answer. */
export interface Handover {
  /** `restarted`: it begins anew, and readers drop the text before this. */
  mode: "continued" | "restarted";
  /** Null when the answer was begun elsewhere (`said`). */
  from: ModelRef | null;
  to: ModelRef;
  /** Code of the error in which the one before ended; null when it was begun elsewhere. */
  reason: string | null;
  /** Length of the text before this, in UTF-16 units; 0 when the stream broke before its first word. */
  characters: number;
}

/** A piece of an answer: text, never empty, or the mark that another model goes on. */
export type LlmPart = { text: string } | { handover: Handover };

/** How a request in OpenAI's own form is asked. */
export interface CompleteOptions extends LlmOptions {
  /** Only entries of this name are asked; all unless said. */
  model?: string;
  /** False for readers who cannot drop what they were told: nobody begins anew then. True unless said. */
  restarts?: boolean;
}

/** An answer that was asked for as JSON. */
export interface LlmJson<T> {
  value: T;
  model: ModelRef;
  /** The whole answer as it came. */
  text: string;
}

/** Answers in words. */
export interface Llm extends ModelClient {
  /**
   * Streams an answer; the generator returns models and usage. Asked at the first `next()`. Ending the loop early, or the signal,
   * closes the socket. An entry of the list that is busy, down or too slow is skipped; when a stream breaks after it began, the
   * next entry goes on from the text so far, or begins anew where it cannot, and a `handover` stands before its first text.
   * @throws {ModelRefusedError} when a server does not take the request
   * @throws what stopped the entries, when none is left: {ModelBusyError} {ModelTimeoutError} {LlmDownError} {LlmAuthError} {BudgetSpentError}, and
   * {ModelAnswerError} also for a stream that ends without `[DONE]`
   * @throws the signal's reason when it was aborted: then nobody else is asked
   */
  stream(request: LlmRequest, options: LlmOptions): AsyncGenerator<LlmPart, LlmEnd, void>;
  /**
   * Streams the answer to a request in OpenAI's own form, with calls of the tools that it offers and what the model thinks; parts
   * that came together are in one list, never empty. Like `stream`; but once a piece of a call was told, nobody goes on with it: the next entry begins anew,
   * or, without `restarts`, the stream fails.
   * @throws what `stream` throws
   */
  complete(request: WireRequest, options: CompleteOptions): AsyncGenerator<PassedPart[], LlmEnd, void>;
  /**
   * Asks for JSON: thinking is dropped, the first JSON object taken and checked. The schema is also sent, unless the request names
   * one. An answer that breaks or does not fit is asked for anew of the next entry: half an object is of no use.
   * @throws what `stream` throws, and {ModelAnswerError} when there is no such object
   */
  json<S extends TSchema>(
    request: Omit<LlmRequest, "said">,
    schema: S,
    options: LlmOptions,
  ): Promise<LlmJson<Static<S>>>;
}

const PURPOSE = {
  dependency: "llm",
  action: "ask the language model",
  Down: LlmDownError,
  Auth: LlmAuthError,
};

/**
 * Makes the language model of a ranked list: an entry that is busy, down or too slow is skipped for the next.
 * With `spending` its calls are counted and budgets apply. Secrets are read here; nothing is connected before the first call.
 * @throws {ModelConfigError} when the list is empty, or a URL or secret cannot be used
 */
export function createLlm(
  config: readonly LlmConfig[],
  calling: Partial<Calling> = {},
  spending: Spending | null = null,
): Llm {
  const { clients, ...list } = llmClients(config, PURPOSE, { calling, spending });
  return {
    ...list,
    stream: ({ said, ...request }, options) =>
      oneByOne(cascade(clients, { request: wireRequest(request), said, restarts: true }, options)),
    complete: (request, { model, restarts = true, ...options }) => {
      const named = model === undefined ? clients : clients.filter((client) => client.model === model);
      return cascade(named, { request, restarts }, options);
    },
    json: (request, schema, options) =>
      firstAnswer(clients, options, (client, asked) => askJson(client, { request, schema }, asked)),
  };
}
