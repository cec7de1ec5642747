import type { CardModel, CardState, CardWaiter } from "./card-state.ts";
import { nextUse, usedMb } from "./card-state.ts";
import { budgetMb, type CardConfig, type GpuModelConfig, isFixed, priorityNumber } from "./config.ts";

/** A model that may have to go. */
export interface Candidate {
  name: string;
  vram_mb: number;
  /** 0 critical … 3 low; 4 when it is no longer in the configuration. */
  priority: number;
  last_used_ms: number;
  leased: boolean;
}

/** A state of a card that is being planned: a copy, and what of its room is spoken for. */
export class Draft {
  readonly #models: Record<string, CardModel>;
  readonly #waiters: CardWaiter[];
  readonly #leases: CardState["leases"];
  readonly #silences: CardState["silences"];
  readonly #configs: ReadonlyMap<string, GpuModelConfig>;
  readonly #now_ms: number;
  /** Rank of the best waiter that wants a model's leases to end. */
  readonly wanted = new Map<string, number>();
  /** Models whose room a waiter will get. */
  readonly #promised = new Set<string>();
  /** The model that a waiter will use next, by group. */
  readonly #groups = new Map<string, string>();
  /** VRAM that may be taken at once; below 0 on a card that was made smaller. */
  free_mb: number;
  /** VRAM that will be free once servers have confirmed what they unload. */
  coming_mb: number;
  /** Whether anybody was given anything. */
  moved = false;

  constructor(card: CardConfig, { models, leases, waiters, silences }: CardState, now_ms: number) {
    this.#now_ms = now_ms;
    this.#silences = silences;
    this.#configs = new Map(card.models.map((model) => [model.name, model]));
    this.#models = { ...models };
    this.#leases = [...leases];
    this.#waiters = [...waiters];
    const kept = card.models.filter((model) => isFixed(model) && !this.#models[model.name]);
    this.free_mb = budgetMb(card) - usedMb({ models }) - kept.reduce((sum, { vram_mb }) => sum + vram_mb, 0);
    this.coming_mb = Object.entries(models)
      .filter(([name, { state, fault }]) => state === "unloading" && fault === null && !this.isFixed(name))
      .reduce((sum, [, { vram_mb }]) => sum + vram_mb, 0);
  }

  state(): CardState {
    return { models: this.#models, leases: this.#leases, waiters: this.#waiters, silences: this.#silences };
  }

  model(name: string): CardModel | undefined {
    return this.#models[name];
  }

  config(name: string): GpuModelConfig | undefined {
    return this.#configs.get(name);
  }

  isFixed(name: string): boolean {
    const config = this.#configs.get(name);
    return config !== undefined && isFixed(config);
  }

  isLeased(name: string): boolean {
    return this.#leases.some(({ model }) => model === name);
  }

  /** Whether it is on the card, or will be without anybody else having to go. */
  isThere(name: string): boolean {
    const state = this.#models[name]?.state;
    return state === "loaded" || state === "loading";
  }

  /** Models of the same group that are used now, or that a better waiter will use. */
  rivalsOf(name: string): { leased: string[]; promised: boolean } {
    const group = this.#configs.get(name)?.exclusive_group;
    if (group === undefined) return { leased: [], promised: false };
    const leased = [...this.#configs.values()]
      .filter((other) => other.exclusive_group === group && other.name !== name && this.isLeased(other.name))
      .map((other) => other.name);
    const next = this.#groups.get(group);
    return { leased, promised: next !== undefined && next !== name };
  }

  promiseGroup(name: string): void {
    const group = this.#configs.get(name)?.exclusive_group;
    if (group !== undefined && !this.#groups.has(group)) this.#groups.set(group, name);
  }

  /** The best waiter wants it first; later ones change nothing. */
  want(name: string, rank: number): void {
    if (!this.wanted.has(name)) this.wanted.set(name, rank);
  }

  promise(name: string): void {
    this.#promised.add(name);
  }

  /** Whatever could make room: loaded, not fixed, not promised to somebody else. */
  candidates(): Candidate[] {
    return Object.entries(this.#models)
      .filter(([name, { state }]) => state !== "unloading" && !this.isFixed(name) && !this.#promised.has(name))
      .map(([name, { vram_mb, last_used_ms }]) => {
        const config = this.#configs.get(name);
        const priority = config ? priorityNumber(config.priority) : 4;
        return { name, vram_mb, priority, last_used_ms, leased: this.isLeased(name) };
      })
      .filter(({ name, leased }) => leased || this.#models[name]!.state === "loaded");
  }

  /** Takes room for a waiter: first what is free, then what is coming. */
  reserve(vram_mb: number): void {
    const free_mb = Math.min(Math.max(this.free_mb, 0), vram_mb);
    this.free_mb -= free_mb;
    this.coming_mb -= vram_mb - free_mb;
  }

  /** Makes the waiter a holder. */
  grant({ id, holder, model, until_ms }: CardWaiter): void {
    this.#waiters.splice(
      this.#waiters.findIndex((waiter) => waiter.id === id),
      1,
    );
    this.#leases.push({ id, holder, model, until_ms });
    this.moved = true;
  }

  startLoading(name: string, by: { holder: string; until_ms: number }): void {
    const { vram_mb, load } = this.#configs.get(name)!;
    const there = load.kind === "none";
    this.#models[name] = {
      state: there ? "loaded" : "loading",
      vram_mb,
      last_used_ms: nextUse({ models: this.#models }, this.#now_ms),
      load,
      by: there ? null : by,
      fault: null,
    };
  }

  startUnloading(name: string, by: { holder: string; until_ms: number }): void {
    const model = this.#models[name]!;
    this.#models[name] = { ...model, state: "unloading", by };
    this.moved = true;
    if (!this.isFixed(name)) this.coming_mb += model.vram_mb;
  }
}
