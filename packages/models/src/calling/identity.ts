import type { ModelRef } from "@gatehouse/events";

/** How long a server may take to say which model it runs. */
const TELL_MS = 2_000;
/** A server that did not say is asked again after so long, while calls go on. */
const AGAIN_MS = 30_000;

/**
 * Which model a server runs, for servers whose answers do not say: asked once, and again after a call failed. It must be
 * asked outside slots and breaker: a server that cannot say is well.
 */
export class Identity {
  readonly #ask: (signal: AbortSignal) => Promise<Partial<ModelRef>>;
  readonly #again_ms: number;
  #known: Promise<Partial<ModelRef>> | null = null;
  /** By the monotonic clock. */
  #due_ms = 0;
  /** How often what was known was forgotten: an answer from before that comes too late. */
  #round = 0;

  constructor(ask: (signal: AbortSignal) => Promise<Partial<ModelRef>>, again_ms = AGAIN_MS) {
    this.#ask = ask;
    this.#again_ms = again_ms;
  }

  /** Nothing while the server does not tell; only the first that want to know wait for it. */
  get(): Promise<Partial<ModelRef>> {
    if (this.#known && performance.now() < this.#due_ms) return this.#known;
    this.#due_ms = Number.POSITIVE_INFINITY;
    const told = this.#tell(this.#round);
    this.#known ??= told;
    return this.#known;
  }

  /** The server failed: another model may be there when it is back. */
  forget(): void {
    this.#known = null;
    this.#round++;
  }

  async #tell(round: number): Promise<Partial<ModelRef>> {
    try {
      const told = await this.#ask(AbortSignal.timeout(TELL_MS));
      if (round === this.#round) this.#known = Promise.resolve(told);
      return told;
    } catch {
      if (round === this.#round) this.#due_ms = performance.now() + this.#again_ms;
      return {};
    }
  }
}
