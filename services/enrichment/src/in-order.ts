import { GatehouseError } from "@gatehouse/errors";

/**
 * Runs work of one key one after the other in the order it came, and different keys side by side: so a busy camera
 * holds one database connection, not all of them. For order in one process only; between replicas the row lock decides.
 */
export class InOrder {
  readonly #tails = new Map<string, Promise<unknown>>();

  /**
   * Runs the work when what came before it under this key has ended. When a server is down, whoever waits behind fails
   * at once with the same error, instead of each finding it out in turn.
   */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const mine = before ? before.then(work, (error) => (isDown(error) ? Promise.reject(error) : work())) : work();
    this.#tails.set(key, mine);
    const forget = (): void => {
      if (this.#tails.get(key) === mine) this.#tails.delete(key);
    };
    mine.then(forget, forget);
    return mine;
  }

  /** Keys with work under way. */
  get size(): number {
    return this.#tails.size;
  }
}

const isDown = (error: unknown): boolean => error instanceof GatehouseError && error.dependency !== null;
