import type { CardState } from "./card-state.ts";

export interface StraysOptions {
  /** Names of the card's models. */
  models: readonly string[];
  /** Which of them their servers say are loaded. */
  loaded(names: readonly string[]): Promise<string[]>;
  /** Some were found. */
  need(): void;
}

/**
 * Models that are on the card although its key does not know them, as one that was added to the configuration after its
 * server had loaded it. Their servers are asked once, when the key is first seen; what comes into the key meanwhile is others' doing.
 */
export class Strays {
  readonly #options: StraysOptions;
  /** Absent from the key since it was first seen. */
  #absent: Set<string> | null = null;
  #found: readonly string[] = [];

  constructor(options: StraysOptions) {
    this.#options = options;
  }

  /** Those to be put into the key. */
  get found(): readonly string[] {
    return this.#found.filter((name) => this.#absent?.has(name));
  }

  look({ models }: CardState): void {
    if (this.#absent) {
      for (const name of Object.keys(models)) this.#absent.delete(name);
      return;
    }
    this.#absent = new Set(this.#options.models.filter((name) => !models[name]));
    if (this.#absent.size > 0) void this.#ask([...this.#absent]);
  }

  async #ask(names: readonly string[]): Promise<void> {
    const loaded = await this.#options.loaded(names);
    this.#found = loaded;
    if (this.found.length > 0) this.#options.need();
  }
}
