import { setTimeout as wait } from "node:timers/promises";
import { MAX_ITEMS } from "./gpu.ts";

const WINDOW_MS = 10;

interface Waiting {
  item: number;
  resolve(answer: number): void;
}

/**
 * The aggregator that is published for Triton and asyncio, in this language: a loop takes the first item, waits until there are 32
 * of them or 10 ms have passed, asks, and begins again.
 */
export class FixedWindow {
  readonly #run: (items: readonly number[]) => Promise<number[]>;
  readonly #waiting: Waiting[] = [];
  #running = false;
  #full: () => void = () => {};

  constructor(run: (items: readonly number[]) => Promise<number[]>) {
    this.#run = run;
  }

  ask(item: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    if (this.#waiting.push({ item, resolve }) >= MAX_ITEMS) this.#full();
    if (!this.#running) void this.#loop();
    return promise;
  }

  async #loop(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      await this.#window();
      const batch = this.#waiting.splice(0, MAX_ITEMS);
      const answers = await this.#run(batch.map(({ item }) => item));
      for (const [at, { resolve }] of batch.entries()) resolve(answers[at]!);
      await null; // who was answered asks again before the loop looks
    }
    this.#running = false;
  }

  async #window(): Promise<void> {
    if (this.#waiting.length >= MAX_ITEMS) return;
    const full = new AbortController();
    this.#full = () => full.abort();
    await wait(WINDOW_MS, undefined, { signal: full.signal }).catch(() => {});
  }
}
