import { describeError, GatehouseError } from "@gatehouse/errors";
import { encode } from "@gatehouse/events";
import type { DueRow, DueStore } from "../due-store.ts";
import { elapsed } from "../elapsed.ts";
import type { DueContext, DueHandler } from "../service.ts";
import { publishDeadLetter } from "./dead-letter.ts";
import { handlerContext } from "./handler-context.ts";
import type { Leash } from "./leash.ts";
import { type History, type Outcome, SETTLE_DEFAULTS, settle } from "./settle.ts";
import type { WorkShop } from "./work-shop.ts";

export const DUE_DEFAULTS = Object.freeze({
  in_flight: 8,
  lease_ms: 30_000,
  look_every_ms: 200,
  max_handling_ms: 180_000,
  give_up_after_ms: 15 * 86_400_000,
});

/** The store waits, so a handler may ask for any delay. */
const LIMITS = Object.freeze({
  ...SETTLE_DEFAULTS,
  give_up_after_ms: DUE_DEFAULTS.give_up_after_ms,
  max_delay_ms: Number.MAX_SAFE_INTEGER,
});

interface DueWork {
  readonly row: DueRow;
  /** Somebody else may have the row now. */
  lost: boolean;
  leash: Leash | null;
}

/**
 * Claims one kind of due work and works on it: a row is removed only after `ack`, so it is the outbox as well.
 * Each kind has slots of its own, so that one that waits for a slow server holds up no other.
 */
export class DueLoop {
  readonly #shop: WorkShop;
  readonly #store: DueStore;
  readonly #kind: string;
  readonly #handler: DueHandler<object>;
  readonly #running = new Set<Promise<void>>();
  #looking: Promise<void> | null = null;

  constructor(shop: WorkShop, store: DueStore, { kind, handle }: { kind: string; handle: DueHandler<object> }) {
    this.#shop = shop;
    this.#store = store;
    this.#kind = kind;
    this.#handler = handle;
  }

  get in_flight(): number {
    return this.#running.size;
  }

  start(): void {
    this.#looking ??= this.#lookForEver();
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
      const claimed = stopping.aborted ? 0 : await this.#claim();
      if (claimed > 0 && this.#running.size < DUE_DEFAULTS.in_flight) continue;
      await elapsed(DUE_DEFAULTS.look_every_ms, stopping);
    }
  }

  async #claim(): Promise<number> {
    const free = DUE_DEFAULTS.in_flight - this.#running.size;
    if (free <= 0) return 0;
    try {
      const rows = await this.#store.claim(this.#shop.service, [this.#kind], free, DUE_DEFAULTS.lease_ms);
      for (const row of rows) this.#take(row);
      return rows.length;
    } catch (error) {
      this.#onStoreError(error);
      return 0;
    }
  }

  #take(row: DueRow): void {
    const work: DueWork = { row, lost: false, leash: null };
    const holding = setInterval(() => void this.#hold(work), DUE_DEFAULTS.lease_ms / 3);
    const running = this.#work(work)
      .catch((error: unknown) => this.#onStoreError(error))
      .finally(() => {
        clearInterval(holding);
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  /** Holds the lease; whoever lost it, as after a pause of the process, must not go on beside its successor. */
  async #hold(work: DueWork): Promise<void> {
    const ours = await this.#store.extend(work.row, DUE_DEFAULTS.lease_ms).catch(() => true);
    if (ours) return;
    work.lost = true;
    work.leash?.abort(new Error("The lease of the row was lost"));
  }

  async #work(work: DueWork): Promise<void> {
    const { row } = work;
    const history = historyOf(row);
    const outcome = await this.#handle(work);
    if (work.lost) return this.#shop.log.warn({ kind: row.kind, key: row.key }, "lease of due work lost");
    const watches = (dependency: string) => this.#shop.pause.watches(dependency);
    const settlement = settle(outcome, history, { ...LIMITS, watches }, Date.now());
    this.#shop.meters.settled(`due.${row.kind}`, settlement.kind);
    if (settlement.kind === "done") return this.#store.remove(row);
    if (settlement.kind === "again")
      return this.#store.postpone(row, Date.now() + settlement.delay_ms, settlement.counts === "failure");
    if (settlement.kind === "dead") return this.#bury(row, settlement.code, settlement.message, history);
    this.#shop.pause.report(settlement.dependency, settlement.message);
    return this.#store.postpone(row, Date.now(), false);
  }

  async #handle(work: DueWork): Promise<Outcome> {
    const { row } = work;
    const { service, telemetry, runs, solitude, stopping } = this.#shop;
    const run = async (leash: Leash) => {
      work.leash = leash;
      const context = handlerContext(this.#shop, leash, row.failures + 1, { due: row });
      return this.#handler(row.payload, context as DueContext<object>);
    };
    const span = {
      service,
      kind: "consumer",
      parent: traceOf(row),
      attributes: { "gatehouse.due.key": row.key },
    } as const;
    const turn = () =>
      runs.run((leash) => telemetry.withSpan(`due ${row.kind}`, span, () => run(leash)), DUE_DEFAULTS.max_handling_ms);
    return (await solitude.run(false, stopping, turn)) ?? { kind: "stopped" };
  }

  async #bury(row: DueRow, code: string, reason: string, history: History): Promise<void> {
    const { bus, service, log, meters } = this.#shop;
    const now_ms = Date.now();
    await publishDeadLetter(bus, {
      id: `due.${service}.${row.kind}.${row.key}.${row.version}`,
      service,
      consumer: `due-${row.kind}`,
      stream: "due",
      seq: row.version,
      subject: `due.${service}.${row.kind}`,
      time_ms: row.due_at_ms,
      event_id: row.key,
      headers: {},
      body: encode({ payload: row.payload }),
      code,
      reason,
      history,
      attempts: row.failures + 1,
      now_ms,
    });
    await this.#store.remove(row);
    meters.dead(code);
    log.error({ kind: row.kind, key: row.key, code, reason }, "due work given up");
  }

  #onStoreError(error: unknown): void {
    const { code, message } = describeError(error);
    if (error instanceof GatehouseError && error.dependency) this.#shop.pause.report(error.dependency, message);
    else this.#shop.log.error({ code, reason: message }, "due work could not be settled");
  }
}

/** A row does not count how often it was refused: it waits as long again as it has waited, like one that doubles. */
function historyOf({ failures, first_refused_at_ms }: DueRow): History {
  const since_ms = first_refused_at_ms === null ? 0 : Math.max(0, Date.now() - first_refused_at_ms);
  return {
    failures,
    laters: Math.floor(Math.log2(1 + since_ms / 500)),
    alone: 0,
    first_refused_at_ms,
    last_code: null,
  };
}

/** Rows may carry the trace that they were written in, as `payload.traceparent`. */
function traceOf(row: DueRow): Record<string, string> {
  const trace = (row.payload as { traceparent?: unknown } | null)?.traceparent;
  return typeof trace === "string" ? { traceparent: trace } : {};
}
