import type { Exchange } from "../calling/exchange.ts";
import { serverWords } from "../calling/server-words.ts";
import { SseReader } from "../calling/sse.ts";
import { ModelAnswerError, ModelTimeoutError } from "../errors.ts";
import { CallNumbers } from "./call-numbers.ts";
import { type ChatChunk, type ChatChunkCheck, readChatChunk } from "./chat-chunk.ts";
import type { LlmEnd } from "./llm.ts";
import type { ReasoningDelta, ToolCallDelta } from "./wire-request.ts";

/** What an answer adds to itself: words, never empty, more of what it calls tools with, or of what it thinks. */
export type Piece = { text: string } | { tool_calls: ToolCallDelta[] } | { reasoning: ReasoningDelta };

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
  readonly #numbers = new CallNumbers();
  /** Some of the pieces were no thoughts. */
  #has_words = false;
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
   * Pieces as they come, those that came together in one list. What breaks after the server said that they are whole ends them,
   * and is the server's failure.
   * @throws {ModelAnswerError} also when it ends without `[DONE]` @throws {ModelTimeoutError}
   */
  async *pieces(): AsyncGenerator<Piece[], void, void> {
    const { exchange, timeout_ms } = this.#parts;
    const reader = new SseReader();
    try {
      if (exchange.media_type !== "text/event-stream") throw await notAStream(exchange);
      for await (const bytes of exchange.chunks()) {
        const events = reader.push(bytes);
        if (events.length === 0) continue;
        const { pieces, last } = this.#take(events);
        exchange.pause();
        if (pieces.length > 0) yield pieces;
        if (last === "end") return;
        if (last) throw last;
        exchange.allow(timeout_ms);
      }
      const { pieces, last } = this.#take(reader.end());
      if (pieces.length > 0) yield pieces;
      if (last === "end") return;
      throw last ?? exchange.fault(ModelAnswerError, 'the answer must end with "[DONE]": it ended without');
    } catch (error) {
      const is_broken = error instanceof ModelAnswerError || error instanceof ModelTimeoutError;
      const has_words = this.#has_words || this.#parts.goes_on;
      if (!is_broken || !this.#is_whole || !has_words) throw error;
      await this.close(error);
    }
  }

  /** What events add, and whether they end the answer or break it. */
  #take(events: readonly string[]): { pieces: Piece[]; last?: "end" | Error } {
    const { exchange, check, offers_tools } = this.#parts;
    const pieces: Piece[] = [];
    try {
      for (const data of events) {
        if (data === "[DONE]") {
          exchange.isOver();
          return { pieces, last: "end" };
        }
        const chunk = readChatChunk(data, { check, fault: exchange.fault });
        note(chunk, this.end);
        this.#is_whole ||= isLast(chunk);
        exchange.goesWell();
        this.pieces_given += addPieces(chunk, pieces, offers_tools ? this.#numbers : null);
        this.#has_words ||= pieces.some((piece) => !("reasoning" in piece));
      }
      return { pieces };
    } catch (error) {
      return { pieces, last: error as Error };
    }
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

/** Adds what an event says; gives how many pieces that are. Without `numbers` calls are left out. */
function addPieces({ choices: [choice] }: ChatChunk, pieces: Piece[], numbers: CallNumbers | null): number {
  const before = pieces.length;
  const { content, tool_calls, reasoning_content, reasoning } = choice?.delta ?? {};
  if (isWords(reasoning_content) || isWords(reasoning))
    pieces.push({
      reasoning: {
        ...(isWords(reasoning_content) ? { reasoning_content } : {}),
        ...(isWords(reasoning) ? { reasoning } : {}),
      },
    });
  if (content) pieces.push({ text: content });
  if (tool_calls?.length && numbers) pieces.push({ tool_calls: tool_calls.map((call) => numbers.number(call)) });
  return pieces.length - before;
}

const isWords = (told: unknown): told is string => typeof told === "string" && told !== "";

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
