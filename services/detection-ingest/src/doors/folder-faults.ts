/** What is wrong with the watched folder now, by what it is about, for `/readyz`. */
export class FolderFaults {
  readonly #faults = new Map<string, string>();

  /** Notes a fault. True when it is new or has changed: tell it then. */
  set(about: string, sentence: string): boolean {
    const changed = this.#faults.get(about) !== sentence;
    if (changed && (this.#faults.has(about) || this.#faults.size < MAX_FAULTS)) this.#faults.set(about, sentence);
    return changed;
  }

  clear(about: string): void {
    this.#faults.delete(about);
  }

  /** Forgets all: another process watches the folder now. */
  clearAll(): void {
    this.#faults.clear();
  }

  reasons(): string[] {
    return [...this.#faults.values()];
  }
}

const MAX_FAULTS = 100;
