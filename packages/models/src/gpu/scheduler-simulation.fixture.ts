import { AGING_MS, mineOf, stateOf } from "./card.fixture.ts";
import type { CardState } from "./card-state.ts";
import { type Claimed, type Finished, withMine } from "./changes.ts";
import type { CardConfig } from "./config.ts";

/** A number 0..1 (mulberry32): the same ones for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Held extends Claimed {
  in_use: boolean;
  since_ms: number;
}

/** Some holders on one card, all by the rules, without a network: a claim is used once and kept until it is wanted. */
export class SchedulerSimulation {
  readonly card: CardConfig;
  readonly #holders: ReadonlyMap<string, Held[]>;
  #clock_ms = 0;
  #claims = 0;
  state: CardState = stateOf({});
  /** How long each claim waited until its model was loaded. */
  readonly waits: { model: string; priority: number; waited_ms: number }[] = [];

  constructor(card: CardConfig, holders: number) {
    this.card = card;
    this.#holders = new Map(Array.from({ length: holders }, (_, i) => [`h${i}`, []]));
  }

  get names(): string[] {
    return [...this.#holders.keys()];
  }

  /** Claims of a holder, newest last. */
  claimsOf(holder: string): readonly Held[] {
    return this.#holders.get(holder)!;
  }

  enter(holder: string, model: string, priority: number): void {
    const id = `c${this.#claims++}`;
    this.#holders
      .get(holder)!
      .push({ id, model, priority, waited_ms: 0, used: false, in_use: true, since_ms: this.#clock_ms });
    this.write(holder);
  }

  /** One call is over. */
  end(holder: string, id: string): void {
    const held = this.#holders.get(holder)!.find((claim) => claim.id === id)!;
    if (this.isRunning(id)) Object.assign(held, { in_use: false, used: true });
    this.#letGo();
  }

  isRunning(id: string): boolean {
    const lease = this.state.leases.find((one) => one.id === id);
    return lease !== undefined && this.state.models[lease.model]?.state === "loaded";
  }

  /** Whoever loads or unloads this model is done. */
  finish(model: string, failed: boolean): void {
    const { by, state } = this.state.models[model]!;
    const how = `${state === "loading" ? "load" : "unload"}${failed ? " failed" : "ed"}` as Finished["how"];
    const fault = failed ? "chance" : null;
    this.write(by!.holder, { finished: [{ model, how, fault }] });
  }

  /** A holder is gone, and the others notice. */
  kill(holder: string): void {
    this.#holders.get(holder)!.length = 0;
    const heir = this.names.find((name) => name !== holder)!;
    this.write(heir, { dead: [holder] });
  }

  pass(ms: number): void {
    this.#clock_ms += ms;
    for (const name of this.names) this.write(name);
  }

  write(holder: string, known: { finished?: Finished[]; dead?: string[] } = {}): void {
    const claims = this.#holders.get(holder)!;
    for (const claim of claims) claim.waited_ms = this.isRunning(claim.id) ? 0 : this.#clock_ms - claim.since_ms;
    const now = { now_ms: this.#clock_ms, until_ms: this.#clock_ms + 15_000 };
    const before = new Set(this.state.leases.map(({ id }) => id));
    const { state } = withMine(this.card, this.state, mineOf(holder, { ...now, claims, ...known }), AGING_MS);
    this.state = state;
    this.#noteWaits(before);
    this.#forgetFailed(known.finished ?? []);
    this.#letGo();
  }

  #noteWaits(before: ReadonlySet<string>): void {
    for (const { id, holder, model } of this.state.leases) {
      const claim = this.#holders.get(holder)!.find((one) => one.id === id);
      if (claim && !before.has(id))
        this.waits.push({ model, priority: claim.priority, waited_ms: this.#clock_ms - claim.since_ms });
    }
  }

  /** A load that failed ends all claims of its model. */
  #forgetFailed(finished: readonly Finished[]): void {
    const failed = finished.filter(({ how }) => how === "load failed").map(({ model }) => model);
    for (const claims of this.#holders.values())
      for (const claim of claims.filter(({ model }) => failed.includes(model))) claims.splice(claims.indexOf(claim), 1);
  }

  /** Unused leases that are wanted are given back, as processes do. */
  #letGo(): void {
    const { wanted } = withMine(this.card, this.state, mineOf("nobody"), AGING_MS);
    for (const [holder, claims] of this.#holders)
      for (const claim of [...claims])
        if (!claim.in_use && wanted.has(claim.model)) {
          claims.splice(claims.indexOf(claim), 1);
          this.write(holder);
        }
  }
}
