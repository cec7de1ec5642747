import type { ModelRef } from "@gatehouse/events";
import type { ChatAnswer } from "./chat-answer.ts";
import type { Handover, LlmEnd, LlmUsage } from "./llm.ts";

/** What the reader of one stream was told so far, by whichever models. */
export class Told {
  text: string;
  /** Pieces of the answer: of most servers each is a token. */
  pieces = 0;
  /** Whether some of a tool's call was told. */
  has_calls = false;
  /** The change of models that the reader must hear of before more text. */
  #due: Omit<Handover, "to" | "mode"> | null;
  readonly #models: ModelRef[] = [];
  #usage: LlmUsage | null = null;

  /** @param said what another process told before */
  constructor(said: string | undefined) {
    this.text = said ?? "";
    this.#due = said ? { from: null, reason: null, characters: said.length } : null;
  }

  /** Whether anything was told. */
  get has_begun(): boolean {
    return this.text !== "" || this.has_calls;
  }

  /** The mark that comes before the next piece, once. An answer begun anew takes back what was told. */
  handover(to: ModelRef, mode: Handover["mode"]): Handover | null {
    if (!this.#due) return null;
    const mark = { ...this.#due, to: { ...to }, mode };
    this.#due = null;
    if (mode === "restarted") {
      this.text = "";
      this.pieces = 0;
      this.has_calls = false;
    }
    return mark;
  }

  add(text: string): void {
    this.text += text;
    this.pieces++;
  }

  /** A piece of a tool's call was told. */
  call(): void {
    this.has_calls = true;
    this.pieces++;
  }

  /** An answer broke after it had begun. One of which nothing was told changes nothing but the reason. */
  broke(answer: ChatAnswer, reason: string): void {
    this.#count(answer, answer.end.usage ?? { prompt_tokens: 0, completion_tokens: answer.pieces_given });
    this.#due = { from: this.#due ? this.#due.from : { ...answer.end.model }, reason, characters: this.text.length };
  }

  /** The answer is over: what is known of the whole. */
  end(answer: ChatAnswer): LlmEnd {
    this.#count(answer, answer.end.usage);
    const { model, finish_reason } = answer.end;
    return { model, models: this.#models.length > 0 ? this.#models : [model], usage: this.#usage, finish_reason };
  }

  /** A server that broke off did not tell its tokens: each of its texts is taken for one. */
  #count({ end, pieces_given }: ChatAnswer, usage: LlmUsage | null): void {
    if (pieces_given > 0) this.#models.push(end.model);
    if (!usage) return;
    this.#usage = {
      prompt_tokens: (this.#usage?.prompt_tokens ?? 0) + usage.prompt_tokens,
      completion_tokens: (this.#usage?.completion_tokens ?? 0) + usage.completion_tokens,
    };
  }
}
