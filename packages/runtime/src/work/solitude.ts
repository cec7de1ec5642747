interface Waiting {
  readonly alone: boolean;
  enter(): void;
}

/** How long one suspect may hold the others up, while it waits for its turn and again while it works. */
const HOLDS_UP_MS = 30_000;

/**
 * Lets handlers of one process work side by side, or one of them alone: a message that may have killed the process runs
 * by itself, so that nobody else dies with it.
 *
 * A suspect holds the others up for a bounded time only. One of them may be what it waits for, as another service of the
 * process: then neither would go on before its time to handle is over, minutes later. A suspect that waited too long lets
 * those behind it go first and waits anew; one that works too long goes on beside the others. Whoever then dies with it
 * is at most suspected too, and has a turn alone; the suspect is blamed, as for any death after it began alone.
 */
export class Solitude {
  #working = 0;
  #alone = false;
  #waiting: Waiting[] = [];

  /** Runs the work beside others, or alone. First come, first served. Null when the signal aborts before its turn. */
  run<T>(alone: boolean, signal: AbortSignal, work: () => Promise<T>): Promise<T | null> {
    if (this.#mayEnter(alone)) return this.#work(alone, work);
    return this.#wait(alone, signal).then((entered) => (entered ? this.#work(alone, work) : null));
  }

  #work<T>(alone: boolean, work: () => Promise<T>): Promise<T> {
    return alone ? this.#workAlone(work) : this.#workBeside(work);
  }

  async #workBeside<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      this.#working--;
      this.#admit();
    }
  }

  async #workAlone<T>(work: () => Promise<T>): Promise<T> {
    let alone = true;
    const share = (): void => {
      alone = false;
      this.#alone = false;
      this.#working++;
      this.#admit();
    };
    const sharing = setTimeout(share, HOLDS_UP_MS).unref();
    try {
      return await work();
    } finally {
      clearTimeout(sharing);
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
    const yielding = alone ? setInterval(() => this.#yield(waiting), HOLDS_UP_MS).unref() : undefined;
    signal.addEventListener("abort", leave, { once: true });
    const entered = await promise;
    signal.removeEventListener("abort", leave);
    clearInterval(yielding);
    return entered;
  }

  /** Lets those that came later go first. */
  #yield(waiting: Waiting): void {
    const others = this.#waiting.filter((other) => other !== waiting);
    if (others.length === this.#waiting.length) return;
    this.#waiting = [...others, waiting];
    this.#admit();
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
