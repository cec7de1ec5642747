/** Lets handlers of one process work side by side, or one of them alone: a message that may have killed the process runs by itself. */
export class Solitude {
  #working = 0;
  #alone = false;
  #waiting: { alone: boolean; enter: () => void }[] = [];

  /** Runs the work beside others, or alone. First come, first served. */
  async run<T>(alone: boolean, work: () => Promise<T>): Promise<T> {
    await this.#enter(alone);
    try {
      return await work();
    } finally {
      if (alone) this.#alone = false;
      else this.#working--;
      this.#admit();
    }
  }

  #enter(alone: boolean): Promise<void> | void {
    if (!alone && !this.#alone && this.#waiting.length === 0) {
      this.#working++;
      return;
    }
    return new Promise((enter) => {
      this.#waiting.push({ alone, enter });
      this.#admit();
    });
  }

  #admit(): void {
    while (this.#waiting[0] && !this.#alone) {
      const { alone, enter } = this.#waiting[0];
      if (alone && this.#working > 0) return;
      this.#waiting.shift();
      if (alone) this.#alone = true;
      else this.#working++;
      enter();
    }
  }
}
