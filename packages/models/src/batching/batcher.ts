import { GatehouseError } from "@gatehouse/errors";
import type { CallOptions } from "../calling/call-options.ts";
import type { Fault } from "../calling/faults.ts";
import { UrgencyQueue } from "../calling/urgency-queue.ts";
import { ModelAnswerError, ModelBusyError } from "../errors.ts";
import type { BatchObserver } from "./batch-observer.ts";
import { WaitingItem } from "./waiting-item.ts";

export interface BatcherOptions<I, A> {
  /**
   * Asks the server about a whole batch: one answer per item, in their order, an `Error` for one that failed alone. What
   * it throws fails all of them. The signal aborts when nobody waits for any of them any more.
   */
  run: (items: readonly I[], options: CallOptions) => Promise<readonly (A | Error)[]>;
  /** Names the server in the batcher's own errors. */
  fault: Fault;
  /** Most items of one batch. */
  max_items?: number;
  /** Batches that the server works on at a time. */
  slots?: number;
  /** How many items may wait; the next one is refused. */
  queue?: number;
  /** How long an item without a deadline may wait for a slot; its caller is told that the server is busy. */
  wait_ms?: number;
  observer?: BatchObserver | null;
}

/** The defaults of a {@link Batcher}. */
export const BATCHING = Object.freeze({ max_items: 32, slots: 1, queue: 4096, wait_ms: 30_000 });

/**
 * Gathers single items into batches for one server. While a slot is idle an item leaves at once, with what else came in the
 * same turn of the event loop; while all are busy items gather, and the most urgent of them leave the moment a slot frees.
 * So nothing ever waits for a window to run out: with a slot idle there is nothing to wait for, and without one nowhere to go.
 */
export class Batcher<I, A> {
  readonly #options: Required<BatcherOptions<I, A>>;
  readonly #waiting = new UrgencyQueue<WaitingItem<I, A>>();
  #busy = 0;
  #leaving = false;

  constructor(options: BatcherOptions<I, A>) {
    this.#options = { ...BATCHING, observer: null, ...options };
  }

  /**
   * The answer to one item. One without a deadline is as urgent as one whose deadline is `wait_ms` after its arrival.
   * @throws {ModelBusyError} at once, when the queue is full, and when no slot freed in `wait_ms` @throws {ModelTimeoutError} when its deadline passed
   * @throws what `run` says of this item, or throws @throws the signal's reason when it was aborted
   */
  async ask(item: I, options: CallOptions): Promise<A> {
    options.signal.throwIfAborted();
    this.#refuseWhenFull(options);
    const { fault, wait_ms } = this.#options;
    const asked = new WaitingItem<I, A>(item, options, fault);
    if (options.deadline_ms === undefined)
      asked.waits(wait_ms, () => this.#busyFault(`it must leave within ${wait_ms} ms`));
    const { deadline_ms = Date.now() + wait_ms } = options;
    const place = this.#waiting.push(asked, { priority: asked.priority, deadline_ms });
    asked.onGone = () => void this.#waiting.remove(place);
    this.#leaveSoon();
    return asked.answer;
  }

  /** A list that could ask another entry lets an item wait for the next batch only. */
  #refuseWhenFull({ may_wait = true }: CallOptions): void {
    const { queue, slots, max_items } = this.#options;
    if (this.#waiting.size < (may_wait ? queue : Math.min(queue, slots * max_items))) return;
    throw this.#busyFault("its queue must have room");
  }

  #busyFault(wanted: string): GatehouseError {
    const waiting = this.#waiting.size;
    const reason = `${wanted}: ${waiting} items wait and ${this.#busy} batches are asked`;
    return this.#options.fault(ModelBusyError, reason, { facts: { in_flight: this.#busy, waiting } });
  }

  /** Not at once: callers that are answered together often ask together again. */
  #leaveSoon(): void {
    if (this.#leaving || this.#busy >= this.#options.slots || this.#waiting.size === 0) return;
    this.#leaving = true;
    setImmediate(() => {
      this.#leaving = false;
      while (this.#busy < this.#options.slots && this.#waiting.size > 0) void this.#send(this.#nextBatch());
    });
  }

  #nextBatch(): WaitingItem<I, A>[] {
    const batch: WaitingItem<I, A>[] = [];
    while (batch.length < this.#options.max_items && this.#waiting.size > 0) batch.push(this.#waiting.shift()!);
    const now_ms = performance.now();
    this.#options.observer?.left({
      waited_ms: batch.map(({ since_ms }) => now_ms - since_ms),
      still_waiting: this.#waiting.size,
    });
    return batch;
  }

  async #send(batch: readonly WaitingItem<I, A>[]): Promise<void> {
    this.#busy++;
    const nobody = new AbortController();
    let wanted = batch.length;
    for (const asked of batch) {
      asked.isSent();
      asked.onGone = () => {
        if (--wanted === 0) nobody.abort(new DOMException("Nobody waits for this batch any more", "AbortError"));
      };
    }
    const answers = await this.#answers(
      batch.map(({ item }) => item),
      { signal: nobody.signal, priority: batch[0]!.priority },
    );
    for (const [at, asked] of batch.entries()) asked.settle(answers[at]!);
    this.#busy--;
    this.#leaveSoon();
  }

  /** An answer or an error for each. A batch that is refused whole is parted until it is known whom the refusal is about. */
  async #answers(items: readonly I[], options: CallOptions): Promise<readonly (A | Error)[]> {
    try {
      const answers = await this.#options.run(items, options);
      if (answers.length === items.length) return answers;
      throw this.#options.fault(
        ModelAnswerError,
        `the answer must hold ${items.length} results: current value is ${answers.length}`,
      );
    } catch (thrown) {
      const refused = thrown instanceof GatehouseError && thrown.retry === "never";
      if (!refused || items.length === 1 || options.signal.aborted) return items.map(() => asError(thrown));
      const half = items.length >> 1;
      const first = await this.#answers(items.slice(0, half), options);
      return [...first, ...(await this.#answers(items.slice(half), options))];
    }
  }
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
