/**
 * Works on many keys at once and on each key in order: at most `lanes` works run, at most `most_waiting` wait; whoever adds more
 * waits. After a work failed the others that wait are dropped, and its error is thrown by the next call.
 */
export class Lanes {
  readonly #tails: Promise<void>[];
  readonly #most_waiting: number;
  #waiting = 0;
  #failure: { error: unknown } | null = null;

  constructor({ lanes, most_waiting }: { lanes: number; most_waiting: number }) {
    this.#tails = Array.from({ length: lanes }, () => Promise.resolve());
    this.#most_waiting = most_waiting;
  }

  /** Resolves when there is room for more. @throws what a work threw */
  async add(key: string, work: () => Promise<void>): Promise<void> {
    this.#rethrow();
    const lane = hashOf(key) % this.#tails.length;
    this.#waiting += 1;
    const done = this.#tails[lane]!.then(() => this.#run(work));
    this.#tails[lane] = done;
    if (this.#waiting > this.#most_waiting) await done;
    this.#rethrow();
  }

  /** Resolves when all that was added is done. @throws what a work threw */
  async idle(): Promise<void> {
    await Promise.all(this.#tails);
    this.#rethrow();
  }

  async #run(work: () => Promise<void>): Promise<void> {
    try {
      if (this.#failure === null) await work();
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#waiting -= 1;
    }
  }

  #rethrow(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}

/** FNV-1a, 32 bits. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
