import type { CallOptions } from "../calling/call-options.ts";
import { GpuLoadError } from "../errors.ts";
import type { Card } from "./card.ts";
import type { Hold } from "./claim.ts";

/** One model of a card, for those who call it. */
export class ModelLease {
  readonly #card: Card;
  readonly #model: string;
  readonly #dependency: string | null;

  constructor(card: Card, model: string, dependency: string | null = null) {
    this.#card = card;
    this.#model = model;
    this.#dependency = dependency;
  }

  /** Waits until the model may be called; release what comes. @throws what `Gpu.use` throws of itself */
  hold(options: CallOptions): Hold | Promise<Hold> {
    try {
      const entered = this.#card.enter(this.#model, options);
      return entered instanceof Promise ? entered.catch((error) => this.#refuse(error)) : entered;
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** @see Gpu.use */
  async use<T>(options: CallOptions, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const entered = this.hold(options);
    const hold = entered instanceof Promise ? await entered : entered;
    try {
      return await call(hold.signal);
    } catch (error) {
      this.failed(hold);
      throw error;
    } finally {
      hold.release();
    }
  }

  /** @see Gpu.stream */
  async *stream<T, R>(
    options: CallOptions,
    call: (signal: AbortSignal) => AsyncGenerator<T, R, void>,
  ): AsyncGenerator<T, R, void> {
    const hold = await this.hold(options);
    try {
      return yield* call(hold.signal);
    } catch (error) {
      this.failed(hold);
      throw error;
    } finally {
      hold.release();
    }
  }

  /** A call did not go well: its server may have lost the model. */
  failed({ signal }: Hold): void {
    if (!signal.aborted) this.#card.doubt(this.#model);
  }

  /**
   * Asks the server only while it should have the model: one that is loaded on demand is well without it. A server that
   * was started again does not have it, and whoever waits for this probe makes no call that would find out.
   * @throws {GpuLoadError} @throws what `ask` throws
   */
  async probe(ask: () => Promise<void>): Promise<void> {
    if (!this.#isLoaded()) return;
    try {
      await ask();
    } catch (error) {
      this.#card.doubt(this.#model);
      throw error;
    }
  }

  #isLoaded(): boolean {
    try {
      return this.#card.isLoaded(this.#model);
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** The same refusal for all callers of a card; what each leans on is known here. */
  #refuse(error: unknown): never {
    if (!(error instanceof GpuLoadError)) throw error;
    const { message, facts, cause, retry_after_ms } = error;
    throw new GpuLoadError(message, {
      facts,
      cause,
      dependency: this.#dependency,
      ...(retry_after_ms === null ? {} : { retry_after_ms }),
    });
  }
}
