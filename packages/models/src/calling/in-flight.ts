import { type Urgency, UrgencyQueue } from "./urgency-queue.ts";

/** Frees a slot. Calling it again does nothing. */
export type Release = () => void;

/** Thrown by {@link InFlight.wait} when the queue is full. */
export class QueueFull extends Error {}

/** A limit on calls in flight, with a bounded queue, the most urgent first. A caller that gives up leaves the queue at once. */
export class InFlight {
  readonly #slots: number;
  readonly #queue: number;
  readonly #waiting = new UrgencyQueue<() => void>();
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

  /** Takes a slot that is free; null when none is. */
  take(): Release | null {
    if (this.#taken >= this.#slots) return null;
    this.#taken++;
    return this.#release();
  }

  /**
   * Waits until one of the taken slots is handed on.
   * @throws {QueueFull} when nobody else may wait
   * @throws the signal's reason when the caller gave up
   */
  wait(urgency: Urgency, signal: AbortSignal): Promise<Release> {
    signal.throwIfAborted();
    if (this.#waiting.size >= this.#queue) throw new QueueFull();
    const { promise, resolve, reject } = Promise.withResolvers<Release>();
    const place = this.#waiting.push(() => {
      signal.removeEventListener("abort", leave);
      resolve(this.#release());
    }, urgency);
    const leave = () => {
      this.#waiting.remove(place);
      reject(signal.reason);
    };
    signal.addEventListener("abort", leave, { once: true });
    return promise;
  }

  #release(): Release {
    let held = true;
    return () => {
      if (held) this.#pass();
      held = false;
    };
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken--;
  }
}
