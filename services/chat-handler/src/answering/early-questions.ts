/** Long enough for whatever brings a message twice within a moment. */
const MOST_REMEMBERED = 1_000;

/** Questions that the model was asked before they were written down: none is asked so twice by this process. */
export class EarlyQuestions {
  readonly #asked = new Set<string>();

  /** Whether it is asked for the first time. */
  isNew(request_id: string): boolean {
    if (this.#asked.has(request_id)) return false;
    this.#asked.add(request_id);
    if (this.#asked.size > MOST_REMEMBERED) this.#asked.delete(this.#asked.keys().next().value!);
    return true;
  }
}
