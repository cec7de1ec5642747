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
import type { LlmMessage, LlmRequest } from "./llm.ts";
import type { LlmClient } from "./llm-client.ts";

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

  /** Whether the answer to a request can be gone on with. Not one that is held to a schema: the server would begin anew. */
  continues({ json_schema }: LlmRequest): boolean {
    return this.#config.continues !== "never" && json_schema === undefined;
  }

  /** Asks; the answer has begun when this resolves: close it. @throws what `ModelServer.open` throws */
  async open(request: LlmRequest, options: CallOptions): Promise<ChatAnswer> {
    const { model, timeout_ms } = this.#config;
    const exchange = await this.#server.open(
      {
        method: "POST",
        path: `${this.#base}/chat/completions`,
        headers: { "content-type": "application/json", accept: "text/event-stream" },
        body: JSON.stringify(this.#body(request)),
      },
      options,
    );
    return new ChatAnswer({ exchange, model, timeout_ms, check: this.#check, goes_on: request.said !== undefined });
  }

  /** `GET /v1/models`. */
  async probe(signal: AbortSignal): Promise<void> {
    const status = await this.#server.status(`${this.#base}/models`, signal);
    assertReachable(status, { callee: this.#callee, fault: this.#server.fault });
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #body({ messages, said, json_schema, temperature, max_tokens }: LlmRequest): object {
    return {
      model: this.#config.model,
      ...(said === undefined ? { messages: messages.map(onWire) } : this.#continued(messages.map(onWire), said)),
      stream: true,
      stream_options: { include_usage: true },
      temperature,
      max_tokens,
      response_format: json_schema && this.#config.json_schema ? { type: "json_schema", json_schema } : undefined,
    };
  }

  /**
   * Leaves the last message open. Ollama, LMDeploy and llama.cpp go on with it as it is; vLLM, SGLang and later llama.cpp want to
   * be told so for the whole request (https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html); Mistral, DeepSeek and
   * LiteLLM for the message (https://docs.litellm.ai/docs/completion/prefix).
   */
  #continued(messages: readonly object[], said: string): object {
    const last = { role: "assistant", content: said };
    if (this.#config.continues === "prefix") return { messages: [...messages, { ...last, prefix: true }] };
    return { messages: [...messages, last], continue_final_message: true, add_generation_prompt: false };
  }
}

/** Words and pictures are parts of one message, pictures inside it (https://platform.openai.com/docs/guides/images-vision). */
function onWire({ role, content, images = [] }: LlmMessage): object {
  if (images.length === 0) return { role, content };
  const pictures = images.map(({ bytes, media_type }) => ({
    type: "image_url",
    image_url: { url: `data:${media_type};base64,${Buffer.from(bytes).toString("base64")}` },
  }));
  return { role, content: [{ type: "text", text: content }, ...pictures] };
}
