/**
 * Works on many keys at once and on each key in order: at most `lanes` works run, at most `most_waiting` wait; whoever adds more
 * waits. After a work threw, or the signal aborted, those that wait are dropped.
 */
export class Lanes {
  readonly #tails: Promise<void>[];
  readonly #most_waiting: number;
  readonly #over = new AbortController();
  readonly #signal: AbortSignal;
  #waiting = 0;

  constructor({ lanes, most_waiting, signal }: { lanes: number; most_waiting: number; signal: AbortSignal }) {
    this.#signal = signal;
    this.#tails = Array.from({ length: lanes }, () => Promise.resolve());
    this.#most_waiting = most_waiting;
  }

  /** Aborts when a work threw; its reason is the error. */
  get failed(): AbortSignal {
    return this.#over.signal;
  }

  /** Resolves when there is room for more. @throws what a work threw */
  async add(key: string, work: () => Promise<void>): Promise<void> {
    this.failed.throwIfAborted();
    const lane = hashOf(key) % this.#tails.length;
    this.#waiting += 1;
    const done = this.#tails[lane]!.then(() => this.#run(work));
    this.#tails[lane] = done;
    if (this.#waiting > this.#most_waiting) await done;
    this.failed.throwIfAborted();
  }

  /** Resolves when all that was added is done. @throws what a work threw */
  async idle(): Promise<void> {
    await Promise.all(this.#tails);
    this.failed.throwIfAborted();
  }

  /** Drops what waits; resolves when what runs is done, however. */
  async close(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#tails);
  }

  async #run(work: () => Promise<void>): Promise<void> {
    try {
      if (!this.failed.aborted && !this.#signal.aborted) await work();
    } catch (error) {
      this.#over.abort(error);
    } finally {
      this.#waiting -= 1;
    }
  }
}

/** FNV-1a, 32 bits. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
