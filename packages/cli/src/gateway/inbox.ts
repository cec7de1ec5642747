/** What arrived and was not yet taken, in order; and, after it, why nothing more comes. */
export class Inbox<T> {
  readonly #waiting: T[] = [];
  #fault: Error | null = null;
  #wake = (): void => undefined;

  get size(): number {
    return this.#waiting.length;
  }

  push(item: T): void {
    this.#waiting.push(item);
    this.#wake();
  }

  /** Nothing more comes. The first reason counts. */
  fail(fault: Error): void {
    this.#fault ??= fault;
    this.#wake();
  }

  /** The oldest, as soon as there is one. For one reader. @throws the fault, when all was taken */
  async take(): Promise<T> {
    while (true) {
      const item = this.#waiting.shift();
      if (item !== undefined) return item;
      if (this.#fault) throw this.#fault;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
