import type { Llm } from "@gatehouse/models";
import { type Asked, type Asking, ask } from "./asking.ts";

/** Whoever takes an answer does so in milliseconds. */
const UNTAKEN_MS = 5_000;

/** A model that was asked while its question was still being written down: nobody hears what it says until somebody has the answer. */
export class HeadStart {
  readonly #stop = new AbortController();
  readonly #asking: Asking;
  readonly #untaken: NodeJS.Timeout;
  #is_over = false;

  constructor(llm: Llm, asked: Asked) {
    this.#asking = ask(llm, asked, this.#stop.signal);
    this.#asking.first.catch(() => {}); // told to whoever takes it
    this.#untaken = setTimeout(() => this.drop(), UNTAKEN_MS).unref();
  }

  /** The model's answer, which from now on ends with the signal, and is whoever's took it; null when it was dropped. */
  take(signal: AbortSignal): Asking | null {
    if (this.#is_over) return null;
    this.#end();
    if (signal.aborted) this.#stop.abort(signal.reason);
    else signal.addEventListener("abort", () => this.#stop.abort(signal.reason), { once: true });
    return this.#asking;
  }

  /** Nobody wants it; once it was taken this changes nothing. */
  drop(): void {
    if (this.#is_over) return;
    this.#end();
    this.#stop.abort(new Error("The answer is not wanted"));
    void this.#asking.parts.return(undefined as never).catch(() => {});
  }

  #end(): void {
    this.#is_over = true;
    clearTimeout(this.#untaken);
  }
}
