/** A repeat is dropped from this length on, in characters: shorter ones are often meant ("the ", "- "). */
const LEAST_REPEAT = 20;

/**
 * The joint between what was said and how another model goes on: should it begin by saying the last words again, or all of them,
 * they are left out. What comes is held back only as long as it could be such a repeat.
 */
export class Joint {
  readonly #said: string;
  #held = "";
  #done: boolean;

  constructor(said: string) {
    this.#said = said;
    this.#done = said.length < LEAST_REPEAT;
  }

  /** The part of the text that can be passed on now; may be empty. */
  pass(text: string): string {
    if (this.#done) return text;
    this.#held += text;
    const repeated = this.#repeated();
    if (repeated === null) return "";
    this.#done = true;
    return this.#held.slice(repeated);
  }

  /** What is held back still, once the answer is over. */
  rest(): string {
    const held = this.#done ? "" : this.#held;
    this.#done = true;
    return held;
  }

  /** How many of the characters held are a repeat; null while that cannot be told. */
  #repeated(): number | null {
    for (let from = 0; from <= this.#said.length - LEAST_REPEAT; from++) {
      const length = this.#said.length - from;
      if (this.#held.length >= length && this.#held.startsWith(this.#said.slice(from))) return length;
      if (this.#held.length < length && this.#said.startsWith(this.#held, from)) return null;
    }
    return 0;
  }
}
