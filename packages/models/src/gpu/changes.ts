import {
  type CardLease,
  type CardModel,
  type CardSilence,
  type CardState,
  type CardWaiter,
  emptyCard,
  isFailed,
  nextUse,
  renewals,
} from "./card-state.ts";
import type { CardConfig } from "./config.ts";
import { type Settled, settle } from "./settle.ts";

/** A lease that a holder has or waits for. */
export interface Claimed {
  id: string;
  model: string;
  /** 0 critical … 3 low. */
  priority: number;
  waited_ms: number;
  /** Whether it was used since the last write. */
  used: boolean;
}

/** How a load or unload ended. */
export interface Finished {
  model: string;
  how: "loaded" | "load failed" | "unloaded" | "unload failed";
  /** Why it failed. */
  fault: string | null;
}

/** Everything that one holder has on a card, and what it knows that the others do not. */
export interface Mine {
  holder: string;
  now_ms: number;
  /** When its claims run out unless they are renewed. */
  until_ms: number;
  claims: readonly Claimed[];
  finished: readonly Finished[];
  /** For how long it did not see others renew. */
  silences: readonly CardSilence[];
  /** Holders that were silent for too long. */
  dead: readonly string[];
  /** Models that are not there although they should be: to be loaded again. */
  missing: readonly string[];
  /** Models that nobody has used for long enough: to be unloaded. */
  idle: readonly string[];
  /** Models that are on the card although the key does not know them. */
  strays: readonly string[];
  /** Models to load where there is room. */
  preload: readonly string[];
  /** It stops: what it loads or unloads is for others to go on with. */
  resigns: boolean;
}

/**
 * The state as this holder wants it, with everybody served who can be: its claims and no others, renewed; what the dead
 * had is free, except VRAM, and what they were about to load or unload is done by this one. Pure, and the same again
 * when it is applied twice: after a write of which nobody knows whether it happened, it is done again.
 */
export function withMine(card: CardConfig, before: CardState, mine: Mine, aging_ms: number): Settled {
  const by = { holder: mine.holder, until_ms: mine.until_ms };
  let state = withStrays(card, withoutDead(before, mine.dead), mine.strays);
  for (const finished of mine.finished) state = withFinished(state, finished, mine);
  state = withClaims(state, mine);
  state = { ...state, models: mapModels(state.models, (model, name) => withModel(model, name, state, mine)) };
  state = { ...state, silences: silencesOf(state, mine) };
  return settle(card, state, { aging_ms, preload: mine.preload, by, now_ms: mine.now_ms });
}

function withoutDead(state: CardState, dead: readonly string[]): CardState {
  if (dead.length === 0) return state;
  const lives = ({ holder }: { holder: string }) => !dead.includes(holder);
  return {
    ...state,
    models: mapModels(state.models, (model) => (model.by && !lives(model.by) ? { ...model, by: null } : model)),
    leases: state.leases.filter(lives),
    waiters: state.waiters.filter(lives),
  };
}

function withStrays(card: CardConfig, state: CardState, strays: readonly string[]): CardState {
  const found = new Map(card.models.map(({ name }) => [name, strays.includes(name)]));
  return { ...state, models: { ...asFound(card, found).models, ...state.models } };
}

function withFinished(state: CardState, { model: name, how, fault }: Finished, { holder, now_ms }: Mine): CardState {
  const model = state.models[name];
  const expected = how.startsWith("load") ? "loading" : "unloading";
  if (model?.state !== expected || model.by?.holder !== holder) return state;
  if (how === "unloaded") {
    const { [name]: _, ...models } = state.models;
    return { ...state, models };
  }
  const put = (changed: Partial<CardModel>) => ({
    ...state,
    models: { ...state.models, [name]: { ...model, ...changed } },
  });
  if (how === "loaded") return put({ state: "loaded", by: null, fault: null, last_used_ms: nextUse(state, now_ms) });
  if (how === "unload failed") return put({ fault });
  const others = (claim: { model: string }) => claim.model !== name;
  return {
    ...put({ state: "unloading", fault }),
    leases: state.leases.filter(others),
    waiters: state.waiters.filter(others),
  };
}

function withClaims(state: CardState, mine: Mine): CardState {
  const { models, leases, waiters } = state;
  const { holder, until_ms } = mine;
  const claims = new Map(mine.claims.map((claim) => [claim.id, claim]));
  const held: CardLease[] = leases
    .filter((lease) => lease.holder !== holder || claims.has(lease.id))
    .map((lease) => (lease.holder === holder ? { ...lease, until_ms } : lease));
  const told = ({ id, model, priority, waited_ms }: Claimed): CardWaiter => {
    return { id, holder, model, priority, waited_ms, until_ms };
  };
  const waiting = waiters
    .filter((waiter) => waiter.holder !== holder || claims.has(waiter.id))
    .map((waiter) => (waiter.holder === holder ? told(claims.get(waiter.id)!) : waiter));
  const known = new Set([...held, ...waiting].map(({ id }) => id));
  // Nobody waits for a model that could not be loaded: its claims have failed.
  const entering = mine.claims.filter(({ id, model }) => !known.has(id) && !isFailed(models[model]));
  return { ...state, leases: held, waiters: [...waiting, ...entering.map(told)] };
}

/** One model's entry: renewed, used, taken over, loaded again or given up as idle. */
function withModel(before: CardModel, name: string, state: CardState, mine: Mine): CardModel {
  const by = { holder: mine.holder, until_ms: mine.until_ms };
  const used = mine.claims.some((claim) => claim.model === name && claim.used);
  const model = used ? { ...before, last_used_ms: nextUse(state, mine.now_ms) } : before;
  if (model.state !== "loaded") {
    if (model.by !== null && model.by.holder !== mine.holder) return model;
    return { ...model, by: mine.resigns ? null : by };
  }
  if (mine.missing.includes(name)) return { ...model, state: "loading", by };
  const idle = mine.idle.includes(name) && state.leases.every((lease) => lease.model !== name);
  return idle ? { ...model, state: "unloading", by } : model;
}

/** The longest that anybody counted, of those who have something there and have not renewed it since. */
function silencesOf(state: CardState, { holder: self, silences }: Mine): CardSilence[] {
  return [...renewals(state)].flatMap(([holder, until_ms]) => {
    const counted = [...state.silences, ...silences]
      .filter((silence) => silence.holder === holder && silence.until_ms === until_ms)
      .map(({ silent_ms }) => silent_ms);
    const silent_ms = Math.max(0, ...counted);
    return holder === self || silent_ms === 0 ? [] : [{ holder, until_ms, silent_ms }];
  });
}

function mapModels(
  models: CardState["models"],
  change: (model: CardModel, name: string) => CardModel,
): CardState["models"] {
  return Object.fromEntries(Object.entries(models).map(([name, model]) => [name, change(model, name)]));
}

/**
 * What is on a card of which nothing is written yet, as its servers say. What nobody can tell may be there: it counts
 * until its server has confirmed that it is unloaded.
 */
export function asFound(card: CardConfig, found: ReadonlyMap<string, boolean | null>): CardState {
  const models = card.models
    .filter(({ name }) => found.get(name) !== false)
    .map(({ name, vram_mb, load }) => [
      name,
      {
        state: found.get(name) === true ? "loaded" : "unloading",
        vram_mb,
        last_used_ms: 0,
        load,
        by: null,
        fault: null,
      } satisfies CardModel,
    ]);
  return { ...emptyCard(), models: Object.fromEntries(models) };
}
