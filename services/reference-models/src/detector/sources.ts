/** A map that holds a bounded number of entries: when it is full the least recently used one goes. */
export class Sources<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** The entry, which becomes the most recently used. */
  get(name: string): Value | undefined {
    const value = this.#entries.get(name);
    if (value === undefined) return undefined;
    this.#entries.delete(name);
    this.#entries.set(name, value);
    return value;
  }

  /** Puts an entry in as the most recently used. */
  set(name: string, value: Value): void {
    this.#entries.delete(name);
    this.#entries.set(name, value);
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > this.#most && oldest.done !== true) this.#entries.delete(oldest.value);
  }

  get size(): number {
    return this.#entries.size;
  }
}
