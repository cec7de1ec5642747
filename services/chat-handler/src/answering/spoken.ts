import type { ChatUsage, ModelRef } from "@gatehouse/events";
import type { LlmEnd, LlmMessage, LlmUsage } from "@gatehouse/models";
import type { Asking } from "./asking.ts";
import { CHARACTERS_OF_TOKEN } from "./prompt.ts";

/** Pieces that another process said were not counted: they were so many at least, as hardly any is longer, in characters. */
const LONGEST_PIECE = 32;

/** What is known of what models say of an answer, however it comes to its end. */
export class Spoken {
  /** Characters that another process had said. */
  #before: number;
  /** Pieces of this process: of most models each is a token. */
  #pieces = 0;
  #prompt = 0;
  #asking: Asking | null = null;
  /** Told at the end. */
  #usage: LlmUsage | null = null;
  /** More than one call gave it. */
  #is_joined = false;

  /** @param said what another process had said */
  constructor(said: string) {
    this.#before = said.length;
  }

  /** A model was asked. */
  asked(asking: Asking, messages: readonly LlmMessage[]): void {
    this.#asking = asking;
    this.#prompt = messages.reduce((sum, { content }) => sum + content.length, 0);
  }

  /** At least. */
  get pieces(): number {
    return this.#pieces + Math.floor(this.#before / LONGEST_PIECE);
  }

  /** One more came. */
  piece(): void {
    this.#pieces++;
  }

  handedOver(mode: "continued" | "restarted"): void {
    this.#is_joined = true;
    if (mode === "restarted") [this.#before, this.#pieces] = [0, 0];
  }

  ended({ usage }: LlmEnd): void {
    this.#usage = usage;
  }

  /** Who spoke last; null: nobody did. */
  get model(): ModelRef | null {
    return this.#asking?.telling()?.model ?? null;
  }

  /** As the server told it; what it did not tell is counted. Null: nobody spoke. */
  get usage(): ChatUsage | null {
    const telling = this.#asking?.telling();
    if (!telling) return null;
    const told = this.#usage ?? telling.usage;
    if (told && !this.#is_joined) return told;
    return {
      prompt_tokens: told?.prompt_tokens ?? tokensOf(this.#prompt),
      completion_tokens: this.#pieces + tokensOf(this.#before),
      estimated: true,
    };
  }
}

const tokensOf = (characters: number): number => Math.ceil(characters / CHARACTERS_OF_TOKEN);
