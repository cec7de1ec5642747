interface Waiting {
  alone: boolean;
  enter(): void;
}

/** Lets handlers of one process work side by side, or one of them alone: a message that may have killed the process runs by itself. */
export class Solitude {
  #working = 0;
  #alone = false;
  #waiting: Waiting[] = [];

  /** Runs the work beside others, or alone. First come, first served. Null when the signal aborts before its turn. */
  async run<T>(alone: boolean, signal: AbortSignal, work: () => Promise<T>): Promise<T | null> {
    const entered = this.#mayEnter(alone) || (await this.#wait(alone, signal));
    if (!entered) return null;
    try {
      return await work();
    } finally {
      if (alone) this.#alone = false;
      else this.#working--;
      this.#admit();
    }
  }

  #mayEnter(alone: boolean): boolean {
    if (this.#alone || this.#waiting.length > 0 || (alone && this.#working > 0)) return false;
    this.#takePlace(alone);
    return true;
  }

  async #wait(alone: boolean, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiting: Waiting = { alone, enter: () => resolve(true) };
    const leave = () => {
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      resolve(false);
      this.#admit();
    };
    this.#waiting.push(waiting);
    signal.addEventListener("abort", leave, { once: true });
    const entered = await promise;
    signal.removeEventListener("abort", leave);
    return entered;
  }

  #takePlace(alone: boolean): void {
    if (alone) this.#alone = true;
    else this.#working++;
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next && !this.#alone; next = this.#waiting[0]) {
      if (next.alone && this.#working > 0) return;
      this.#waiting.shift();
      this.#takePlace(next.alone);
      next.enter();
    }
  }
}
