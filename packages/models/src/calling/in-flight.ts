/** Frees a slot. Calling it again does nothing. */
export type Release = () => void;

/** Thrown by {@link InFlight.take} when slots and queue are full. */
export class QueueFull extends Error {}

/** A limit on calls in flight, with a bounded queue in order of arrival. A caller that gives up leaves the queue at once. */
export class InFlight {
  readonly #slots: number;
  readonly #queue: number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  constructor({ slots, queue }: { slots: number; queue: number }) {
    this.#slots = slots;
    this.#queue = queue;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Waits for a slot.
   * @throws {QueueFull} when nobody else may wait
   * @throws the signal's reason when the caller gave up
   */
  async take(signal: AbortSignal): Promise<Release> {
    signal.throwIfAborted();
    if (this.#taken < this.#slots) this.#taken++;
    else await this.#wait(signal);
    let held = true;
    return () => {
      if (held) this.#pass();
      held = false;
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#queue) throw new QueueFull();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const turn = () => {
      signal.removeEventListener("abort", leave);
      resolve();
    };
    const leave = () => {
      this.#waiting.delete(turn);
      reject(signal.reason);
    };
    signal.addEventListener("abort", leave, { once: true });
    this.#waiting.add(turn);
    return promise;
  }

  #pass(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#taken--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
