import { describeError, GatehouseError } from "@gatehouse/errors";
import type { DueRow, DueStore } from "../due-store.ts";
import { elapsed } from "../elapsed.ts";
import type { DueHandler, DueOptions, DueWorker } from "../service.ts";
import { type DueWorkOptions, workDue } from "./due-work.ts";
import { SETTLE_DEFAULTS } from "./settle.ts";
import type { WorkShop } from "./work-shop.ts";

/** A process that dies is followed by another after at most this time. */
export const DUE_LEASE_MS = 10_000;
export const DUE_DEFAULTS = Object.freeze({
  in_flight: 8,
  max_handling_ms: 180_000,
  alone_after_crashes: SETTLE_DEFAULTS.alone_after_crashes,
  look_every_ms: 200,
});

/**
 * Claims one kind of due work and works on it: a row is removed only after `ack`, so it is the outbox as well.
 * Each kind has slots of its own, so that one that waits for a slow server holds up no other.
 */
export class DueLoop {
  readonly #shop: WorkShop;
  readonly #store: DueStore;
  readonly kind: string;
  readonly #options: Required<DueOptions> & DueWorkOptions;
  readonly #running = new Set<Promise<void>>();
  #looking: Promise<void> | null = null;
  #nap = new AbortController();

  constructor(shop: WorkShop, store: DueStore, kind: string, work: DueHandler<object> | DueWorker<object>) {
    this.#shop = shop;
    this.#store = store;
    this.kind = kind;
    const worker = typeof work === "function" ? { handle: work } : work;
    this.#options = { ...DUE_DEFAULTS, ...worker };
  }

  get in_flight(): number {
    return this.#running.size;
  }

  start(): void {
    this.#looking ??= this.#lookForEver();
  }

  /** Looks at once: what was committed before is found, also when a look is under way. */
  wake(): void {
    this.#nap.abort();
  }

  /** Begins work whose row is claimed; without room for it the row is let go. */
  begin(row: DueRow, asked_ms: number): void {
    const { stopping, pause, log } = this.#shop;
    const has_room = this.#running.size < this.#options.in_flight;
    if (has_room && !stopping.aborted && !pause.paused) return this.#work(row, asked_ms);
    void this.#store.postpone(row, Date.now(), "nothing").catch((error: unknown) => {
      log.warn({ kind: row.kind, key: row.key, reason: describeError(error).message }, "due work could not be let go");
    });
  }

  /** Resolves when nothing is claimed any more and no handler is at work. Needs `stopping` to be aborted. */
  async finished(): Promise<void> {
    await this.#looking;
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #lookForEver(): Promise<void> {
    const { stopping, pause } = this.#shop;
    while (!stopping.aborted) {
      await pause.clear(stopping);
      this.#nap = new AbortController();
      const claimed = stopping.aborted ? 0 : await this.#claim();
      if (claimed > 0 && this.#running.size < this.#options.in_flight) continue;
      await elapsed(this.#options.look_every_ms, AbortSignal.any([stopping, this.#nap.signal]));
    }
  }

  async #claim(): Promise<number> {
    const { in_flight, alone_after_crashes } = this.#options;
    const most = in_flight - this.#running.size;
    if (most <= 0) return 0;
    const asked_ms = performance.now();
    try {
      const rows = await this.#store.claim({
        service: this.#shop.service,
        kind: this.kind,
        most,
        lease_ms: DUE_LEASE_MS,
        suspect_at: Number.isFinite(alone_after_crashes) ? alone_after_crashes : 0, // then none is counted
      });
      for (const row of rows) this.#work(row, asked_ms);
      return rows.length;
    } catch (error) {
      const { code, message: reason } = describeError(error);
      if (error instanceof GatehouseError && error.dependency) this.#shop.pause.report(error.dependency, reason);
      else this.#shop.log.error({ kind: this.kind, code, reason }, "due work could not be claimed");
      return 0;
    }
  }

  #work(row: DueRow, asked_ms: number): void {
    const work = { ...this.#options, shop: this.#shop, store: this.#store, row, lease_ms: DUE_LEASE_MS, asked_ms };
    const running = workDue(work).finally(() => {
      // There was no room for what is due: now there is.
      if (this.#running.size >= this.#options.in_flight) this.wake();
      this.#running.delete(running);
    });
    this.#running.add(running);
  }
}
