import type { Server } from "../calling/called.ts";
import type { Priced } from "../spending/budgets.ts";

/** A language model behind OpenAI's `/v1/chat/completions`. */
export interface LlmConfig extends Server, Priced {
  kind: "openai";
  /** The model's name at the server. */
  model: string;
  /** Until a connection stands. */
  connect_timeout_ms?: number;
  /** Whether the server can be held to a JSON schema. */
  json_schema?: boolean;
  /** How it is asked to go on with an answer that another began; "never": it answers anew. */
  continues?: "final_message" | "prefix" | "never";
  /** What it calls the most tokens of an answer. */
  max_tokens_field?: "max_tokens" | "max_completion_tokens";
}

/** What is filled in; `timeout_ms` is for the answer's beginning and between two of its parts. */
export const LLM_DEFAULTS: Readonly<
  Required<Omit<LlmConfig, "kind" | "url" | "model" | "api_key" | "gpu" | keyof Priced>>
> = Object.freeze({
  connect_timeout_ms: 10_000,
  timeout_ms: 120_000,
  in_flight: 64,
  json_schema: true,
  continues: "final_message",
  max_tokens_field: "max_tokens",
});
