import type { GatehouseError } from "@gatehouse/errors";
import type { CallOptions } from "../calling/call-options.ts";
import { GpuLeaseLostError, GpuLoadError, ModelBusyError } from "../errors.ts";
import { type CardState, isFailed } from "./card-state.ts";
import type { Claimed } from "./changes.ts";
import { Claim, type Hold } from "./claim.ts";
import { type CardConfig, priorityNumber } from "./config.ts";
import { inTurn } from "./rank.ts";
import type { Settled } from "./settle.ts";
import type { GpuTimes } from "./times.ts";

export interface ClaimsOptions {
  card: CardConfig;
  times: GpuTimes;
  /** Whether a renewal was confirmed lately enough. */
  isFresh: () => boolean;
  /** There is something to write. */
  need: () => void;
  /** What keeps the key from being read or written now; null: nothing. */
  trouble: () => unknown;
}

/** How many callers may wait for one model in this process. */
const MOST_WAITING = 4_096;

/** What this process has or waits for on one card: a lease per model, shared by its calls, kept until others want the room. */
export class Claims {
  readonly #options: ClaimsOptions;
  readonly #priorities: ReadonlyMap<string, number>;
  /** The claim that new callers join, by model. */
  readonly #current = new Map<string, Claim>();
  /** Claims that nobody joins any more: their calls end. */
  readonly #leaving = new Set<Claim>();
  /** Until when a model that could not be loaded is not asked for again, and why. */
  readonly #failed = new Map<string, { until_ms: number; fault: string }>();
  #seen: CardState | null = null;
  #wanted: Settled["wanted"] = new Map();
  #idle: readonly string[] = [];
  #closing = false;

  constructor(options: ClaimsOptions) {
    this.#options = options;
    this.#priorities = new Map(options.card.models.map(({ name, priority }) => [name, priorityNumber(priority)]));
  }

  /** Whether there is something to renew. */
  get any(): boolean {
    return this.#current.size + this.#leaving.size > 0;
  }

  /**
   * Begins a call, at once where the lease is held.
   * @throws {ModelBusyError} when it did not get its turn in time, may not wait, or too many wait
   * @throws {GpuLoadError} when the model's server did not load it
   * @throws the signal's reason
   */
  enter(model: string, options: CallOptions): Hold | Promise<Hold> {
    const { signal, priority = this.#priorities.get(model) ?? 2, may_wait = true } = options;
    signal.throwIfAborted();
    const held = this.#current.get(model);
    if (held?.held && !this.#options.isFresh()) this.lapse();
    else if (held?.held && !this.#mustQueue(model, priority)) return held.begin(signal);
    this.refuseFailed(model);
    const claim = this.#claimBehind(model, priority);
    if (!may_wait) claim.wished_until_ms = performance.now() + this.#options.times.wait_ms;
    if (!may_wait || claim.waiting >= MOST_WAITING) throw this.#busy(claim);
    const { wait_ms } = this.#options.times;
    const left_ms = options.deadline_ms === undefined ? wait_ms : options.deadline_ms - Date.now();
    const within_ms = Math.max(0, Math.min(wait_ms, left_ms));
    if (priority < claim.priority) this.#options.need();
    return claim.wait({ signal, priority, within_ms, tooLong: () => this.#busy(claim) });
  }

  /** Takes note of what the key holds now. */
  see(state: CardState, wanted: Settled["wanted"], idle: readonly string[]): void {
    this.#seen = state;
    this.#wanted = wanted;
    this.#idle = idle;
    const leases = new Set(state.leases.map(({ id }) => id));
    const waiters = new Set(state.waiters.map(({ id }) => id));
    for (const claim of this.#all()) {
      claim.entered ||= leases.has(claim.id) || waiters.has(claim.id);
      if (leases.has(claim.id)) this.#seeLease(claim, state);
      else if (isFailed(state.models[claim.model])) this.#failedToLoad(claim, state.models[claim.model]!.fault!);
      else if (claim.entered && !waiters.has(claim.id)) this.#vanished(claim);
    }
    for (const claim of this.#all()) this.#letGo(claim);
  }

  /** What is to stand in the key. `since_ms`: when it was last told which models were used. */
  mine(now_ms: number, since_ms: number): Claimed[] {
    return this.#all().map((claim) => ({
      id: claim.id,
      model: claim.model,
      priority: claim.priority,
      waited_ms: claim.waitedMs(now_ms),
      used: claim.wasUsedSince(since_ms),
    }));
  }

  /** Ends waits that nobody waits for any more, and gives back what was not used for long. */
  sweep(idle: readonly string[]): void {
    this.#idle = idle;
    for (const claim of this.#all()) this.#letGo(claim);
  }

  /** No renewal was confirmed in time: what was held is lost; who waits goes on waiting. */
  lapse(): void {
    const { lapse_ms } = this.#options.times;
    for (const claim of this.#all())
      if (claim.held || claim.in_flight > 0)
        this.#lose(claim, `a renewal must be confirmed within ${lapse_ms} ms: none was`);
  }

  /** Keeps nothing from now on that is not in use. */
  wind(): void {
    this.#closing = true;
    this.sweep([]);
  }

  /** Ends everything. */
  close(): void {
    for (const claim of this.#all()) this.#lose(claim, "the service must run: it stops");
  }

  #all(): Claim[] {
    return [...this.#current.values(), ...this.#leaving];
  }

  /** Whether a call that comes now goes behind somebody who waits for this model to be let go. */
  #mustQueue(model: string, priority: number): boolean {
    const rank = this.#wanted.get(model);
    return rank !== undefined && rank <= priority;
  }

  /** The claim that waits; a new one behind the one that is held. */
  #claimBehind(model: string, priority: number): Claim {
    const current = this.#current.get(model);
    if (current && !current.held) return current;
    if (current) this.#leaving.add(current);
    const claim = new Claim(model, priority, (idle) => this.#letGo(idle));
    this.#current.set(model, claim);
    this.#options.need();
    return claim;
  }

  #seeLease(claim: Claim, { models }: CardState): void {
    if (models[claim.model]?.state !== "loaded") claim.held = false;
    else if (this.#options.isFresh()) claim.hold();
  }

  #failedToLoad(claim: Claim, fault: string): void {
    this.#failed.set(claim.model, { until_ms: performance.now() + this.#options.times.again_ms, fault });
    this.#drop(claim);
    claim.fail(this.#loadFault(claim.model, fault));
  }

  /** It was in the key, and is not any more. */
  #vanished(claim: Claim): void {
    if (claim.held || claim.in_flight > 0) this.#lose(claim, "it must be renewed in time: others took it over");
    else {
      claim.renew();
      this.#options.need();
    }
  }

  /** Gives back what nobody here uses and others could: a lease that is wanted, idle for long, or superseded; a wait without a caller. */
  #letGo(claim: Claim): void {
    if (claim.in_flight + claim.waiting > 0) return;
    if (!claim.held && claim.wished_until_ms > performance.now() && !this.#closing) return;
    const { model, held } = claim;
    const kept = held && !this.#wanted.has(model) && !this.#idle.includes(model);
    if (!kept || this.#closing || this.#leaving.has(claim)) this.#drop(claim);
  }

  #drop(claim: Claim): void {
    if (this.#current.get(claim.model) === claim) this.#current.delete(claim.model);
    this.#leaving.delete(claim);
    this.#options.need();
  }

  #lose(claim: Claim, reason: string): void {
    const { id: card } = this.#options.card;
    this.#drop(claim);
    const words = `Cannot keep the lease of model "${claim.model}" on card "${card}" as ${reason}`;
    claim.fail(new GpuLeaseLostError(words, { facts: { card, model: claim.model } }));
  }

  /** @throws {GpuLoadError} when its server could not load it lately */
  refuseFailed(model: string): void {
    const now = this.#seen?.models[model];
    if (isFailed(now)) throw this.#loadFault(model, now!.fault!);
    const failed = this.#failed.get(model);
    if (!failed) return;
    const retry_after_ms = Math.ceil(failed.until_ms - performance.now());
    if (retry_after_ms > 0) throw this.#loadFault(model, failed.fault, retry_after_ms);
    this.#failed.delete(model);
  }

  #loadFault(model: string, fault: string, retry_after_ms = this.#options.times.again_ms): GatehouseError {
    const { id: card } = this.#options.card;
    return new GpuLoadError(`Cannot use model "${model}" on card "${card}" as its server must load it: ${fault}`, {
      facts: { card, model },
      retry_after_ms,
    });
  }

  #busy({ id, model, waiting }: Claim): GatehouseError {
    const { card, times } = this.#options;
    const line = inTurn(this.#seen?.waiters ?? [], times.aging_ms);
    const position = line.findIndex(({ waiter }) => waiter.id === id) + 1;
    const where = position === 0 ? "it has no place in the line yet" : `it is number ${position} of ${line.length}`;
    const cause = this.#options.trouble();
    return new ModelBusyError(`Cannot use model "${model}" on card "${card.id}" as its turn must come: ${where}`, {
      facts: { card: card.id, model, position, in_flight: line.length, waiting },
      ...(cause === null ? {} : { cause }),
    });
  }
}
