/** Long enough for whatever brings a message twice within a moment. */
const MOST_REMEMBERED = 1_000;

/** Which questions the model may be asked before they are written down: each once, and while there is room for its answer. */
export class EarlyQuestions {
  readonly #room: number;
  readonly #asked = new Set<string>();
  #at_work = 0;

  /** @param room conversations that this process answers in at once */
  constructor(room: number) {
    this.#room = room;
  }

  /** One more conversation is answered in. Returns what ends that. */
  begin(): () => void {
    this.#at_work++;
    return () => void this.#at_work--;
  }

  /** Whether the model may be asked this now; then not again. */
  admit(request_id: string): boolean {
    if (this.#at_work >= this.#room || this.#asked.has(request_id)) return false;
    this.#asked.add(request_id);
    if (this.#asked.size > MOST_REMEMBERED) this.#asked.delete(this.#asked.keys().next().value!);
    return true;
  }
}
