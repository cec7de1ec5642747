import type { Exchange } from "../calling/exchange.ts";
import { serverWords } from "../calling/server-words.ts";
import { sseData } from "../calling/sse.ts";
import { ModelAnswerError, ModelTimeoutError } from "../errors.ts";
import { type ChatChunk, type ChatChunkCheck, readChatChunk } from "./chat-chunk.ts";
import type { LlmEnd } from "./llm.ts";
import type { ToolCallDelta } from "./wire-request.ts";

/** What an answer adds to itself: words, never empty, or more of what it calls tools with. */
export type Piece = { text: string } | { tool_calls: ToolCallDelta[] };

export interface ChatAnswerParts {
  exchange: Exchange;
  /** The model's configured name; an answer may name another. */
  model: string;
  /** Between two parts. */
  timeout_ms: number;
  check: ChatChunkCheck;
  /** Whether it goes on with what was said before. */
  goes_on: boolean;
  /** Whether it may call tools: what nobody offered is not called. */
  offers_tools: boolean;
}

/** One streamed answer that has begun. It holds a slot of its server until `close`, or until its time is up or its caller gives up. */
export class ChatAnswer {
  /** What the answer has told of itself so far. */
  readonly end: LlmEnd;
  /** Pieces so far: of most servers each is a token. */
  pieces_given = 0;
  readonly #parts: ChatAnswerParts;
  /** The server said that no more text comes. */
  #is_whole = false;
  /** Resolves when the slot was handed back, though nobody reads on, and what follows from that was done. */
  #settled: Promise<void>;

  constructor(parts: ChatAnswerParts) {
    this.#parts = parts;
    this.#settled = parts.exchange.ended;
    const model = { name: parts.model, version: "unknown", backend: "openai" };
    this.end = { model, models: [model], usage: null, finish_reason: null };
  }

  /**
   * Pieces as they come. What breaks after the server said that they are whole ends them, and is the server's failure.
   * @throws {ModelAnswerError} also when it ends without `[DONE]` @throws {ModelTimeoutError}
   */
  async *pieces(): AsyncGenerator<Piece, void, void> {
    try {
      yield* this.#read();
    } catch (error) {
      const is_broken = error instanceof ModelAnswerError || error instanceof ModelTimeoutError;
      const has_words = this.pieces_given > 0 || this.#parts.goes_on;
      if (!is_broken || !this.#is_whole || !has_words) throw error;
      await this.close(error);
    }
  }

  async *#read(): AsyncGenerator<Piece, void, void> {
    const { exchange, check, timeout_ms, offers_tools } = this.#parts;
    if (exchange.media_type !== "text/event-stream") throw await notAStream(exchange);
    for await (const data of sseData(exchange.chunks())) {
      if (data === "[DONE]") {
        exchange.isOver();
        return;
      }
      const chunk = readChatChunk(data, { check, fault: exchange.fault });
      note(chunk, this.end);
      this.#is_whole ||= isLast(chunk);
      exchange.goesWell();
      exchange.pause();
      for (const piece of piecesOf(chunk, offers_tools)) {
        this.pieces_given++;
        yield piece;
      }
      exchange.allow(timeout_ms);
    }
    throw exchange.fault(ModelAnswerError, 'the answer must end with "[DONE]": it ended without');
  }

  /** Runs once the answer is over, after what was added before; it must not fail. */
  whenOver(run: () => void | Promise<void>): void {
    this.#settled = this.#settled.then(run);
  }

  /** Hands back the slot; an answer that was not read to its end loses its socket. Safe to repeat: the first outcome counts. */
  close(error?: unknown): Promise<void> {
    void this.#parts.exchange.end(error);
    return this.#settled;
  }
}

function* piecesOf({ choices: [choice] }: ChatChunk, offers_tools: boolean): Generator<Piece, void, void> {
  const { content, tool_calls } = choice?.delta ?? {};
  if (content) yield { text: content };
  if (!tool_calls?.length || !offers_tools) return;
  yield { tool_calls: tool_calls.map((call, at) => ({ ...call, index: call.index ?? at })) as ToolCallDelta[] };
}

/** A reason to finish comes with the last text or after it; tokens without a choice after that (`include_usage`). */
const isLast = ({ usage, choices: [choice] }: ChatChunk): boolean => (choice ? !!choice.finish_reason : !!usage);

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
