/** Something to wait for that can come, go, come again, or fail. */
export class Gate {
  #current = Promise.withResolvers<void>();
  #pending = true;

  constructor() {
    this.#quiet();
  }

  /** Resolves when it is open; rejects when it has failed. */
  async wait(): Promise<void> {
    await this.#current.promise;
  }

  /** Lets everybody through who waits, until it is closed. */
  open(): void {
    this.close();
    this.#pending = false;
    this.#current.resolve();
  }

  /** From now on `wait` waits. Those who wait already go on waiting. */
  close(): void {
    if (this.#pending) return;
    this.#current = Promise.withResolvers<void>();
    this.#pending = true;
    this.#quiet();
  }

  /** Rejects everybody who waits, and who will, until it is closed or opened. */
  fail(reason: unknown): void {
    this.close();
    this.#pending = false;
    this.#current.reject(reason);
  }

  /** A failure that nobody waits for is not an unhandled rejection. */
  #quiet(): void {
    this.#current.promise.catch(() => undefined);
  }
}
