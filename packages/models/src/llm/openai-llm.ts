import type { CallOptions } from "../calling/call-options.ts";
import type { Calling } from "../calling/calling.ts";
import type { Callee, Fault } from "../calling/faults.ts";
import { ModelServer } from "../calling/model-server.ts";
import { assertReachable } from "../calling/probe.ts";
import { readSecret } from "../calling/secret.ts";
import { parseServerUrl } from "../calling/server-url.ts";
import { ChatAnswer } from "./chat-answer.ts";
import { compileChatChunkCheck } from "./chat-chunk.ts";
import { LLM_DEFAULTS, type LlmConfig } from "./config.ts";
import type { Asked, LlmClient } from "./llm-client.ts";
import type { WireMessage, WireRequest } from "./wire-request.ts";

/** The form of an answer that is words. */
const TEXT = { type: "text" };

/** A language model behind OpenAI's `/v1/chat/completions`, streamed. */
export class OpenAiLlm implements LlmClient {
  readonly #server: ModelServer;
  readonly #callee: Callee;
  readonly #base: string;
  readonly #config: LlmConfig & typeof LLM_DEFAULTS;
  readonly #check = compileChatChunkCheck();

  constructor(config: LlmConfig, purpose: Pick<Callee, "action" | "Down" | "Auth">, calling: Calling) {
    this.#config = { ...LLM_DEFAULTS, ...config };
    const { url, model, in_flight, connect_timeout_ms, timeout_ms, api_key } = this.#config;
    const { origin, server, path } = parseServerUrl(url);
    this.#base = path.endsWith("/v1") ? path : `${path}/v1`;
    this.#callee = { ...purpose, server, model };
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

  get fault(): Fault {
    return this.#server.fault;
  }

  get model(): string {
    return this.#config.model;
  }

  /** Whether the answer to a request can be gone on with. Not one that is held to a form: the server would begin anew. */
  continues({ response_format = TEXT }: WireRequest): boolean {
    return this.#config.continues !== "never" && response_format.type === TEXT.type;
  }

  /** Asks; the answer has begun when this resolves: close it. @throws what `ModelServer.open` throws */
  async open(asked: Asked, options: CallOptions): Promise<ChatAnswer> {
    const { model, timeout_ms } = this.#config;
    const exchange = await this.#server.open(
      {
        method: "POST",
        path: `${this.#base}/chat/completions`,
        headers: { "content-type": "application/json", accept: "text/event-stream" },
        body: JSON.stringify(this.#body(asked)),
      },
      options,
    );
    const [goes_on, offers_tools] = [asked.said !== undefined, asked.request.tools !== undefined];
    return new ChatAnswer({ exchange, model, timeout_ms, check: this.#check, goes_on, offers_tools });
  }

  /** `GET /v1/models`. */
  async probe(signal: AbortSignal): Promise<void> {
    const status = await this.#server.status(`${this.#base}/models`, signal);
    assertReachable(status, { callee: this.#callee, fault: this.#server.fault });
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #body({ request: { messages, response_format, max_tokens, ...fields }, said }: Asked): object {
    const { model, json_schema, max_tokens_field } = this.#config;
    const form = json_schema || response_format?.type !== "json_schema" ? response_format : undefined;
    return {
      ...fields,
      model,
      ...(said === undefined ? { messages } : this.#continued(messages, said)),
      stream: true,
      stream_options: { include_usage: true },
      [max_tokens_field]: max_tokens,
      response_format: form,
    };
  }

  /**
   * Leaves the last message open. Ollama, LMDeploy and llama.cpp go on with it as it is; vLLM, SGLang and later llama.cpp want to
   * be told so for the whole request (https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html); Mistral, DeepSeek and
   * LiteLLM for the message (https://docs.litellm.ai/docs/completion/prefix).
   */
  #continued(messages: readonly WireMessage[], said: string): object {
    const last = { role: "assistant", content: said };
    if (this.#config.continues === "prefix") return { messages: [...messages, { ...last, prefix: true }] };
    return { messages: [...messages, last], continue_final_message: true, add_generation_prompt: false };
  }
}
