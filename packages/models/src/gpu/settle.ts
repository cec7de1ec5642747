import type { CardState, CardWaiter } from "./card-state.ts";
import type { CardConfig } from "./config.ts";
import { Draft } from "./draft.ts";
import { inTurn } from "./rank.ts";
import { chooseVictims, comesBefore } from "./victims.ts";

export interface SettleOptions {
  aging_ms: number;
  now_ms: number;
  /** Models to load where there is room that nobody waits for. */
  preload?: readonly string[];
  /** Who loads those. */
  by?: { holder: string; until_ms: number };
}

/** A state in which everybody has what can be given now. */
export interface Settled {
  state: CardState;
  /** Models that somebody waits for to be let go, each with the rank of the best such waiter. */
  wanted: ReadonlyMap<string, number>;
}

/**
 * The scheduler: gives waiters, in their turn, what the card has room for. Who needs more room than is free has unused
 * models unloaded (of the lowest priority, then least recently used; never a resident one), and where those are not
 * enough, wants used ones to be let go. Nobody takes room that a better waiter will get. Pure: the actions are in the
 * state, as `loading` and `unloading` with who does it.
 */
export function settle(
  card: CardConfig,
  before: CardState,
  { aging_ms, now_ms, preload = [], by }: SettleOptions,
): Settled {
  let draft = new Draft(card, before, now_ms);
  do {
    draft = new Draft(card, draft.state(), now_ms);
    for (const { waiter, rank } of inTurn(draft.state().waiters, aging_ms)) serve(waiter, rank, draft);
    // What one made room with may be what a better one planned to take.
  } while (draft.moved);
  for (const name of by ? preload : []) {
    const room_mb = neededMb(name, draft);
    if (room_mb === null || draft.model(name) || draft.free_mb < room_mb) continue;
    draft.reserve(room_mb);
    draft.startLoading(name, by!);
  }
  return { state: draft.state(), wanted: draft.wanted };
}

function serve(waiter: CardWaiter, rank: number, draft: Draft): void {
  const { model } = waiter;
  if (draft.wanted.has(model)) return;
  const { leased, promised } = draft.rivalsOf(model);
  if (promised) return;
  if (leased.length > 0) {
    for (const rival of leased) draft.want(rival, rank);
    draft.promiseGroup(model);
  } else if (draft.isThere(model)) draft.grant(waiter);
  else makeRoom(waiter, rank, draft);
}

function makeRoom(waiter: CardWaiter, rank: number, draft: Draft): void {
  const { model, holder, until_ms } = waiter;
  const room_mb = neededMb(model, draft);
  if (room_mb === null) return;
  const short_mb = room_mb - draft.free_mb - draft.coming_mb;
  if (short_mb > 0 && !freeUp(waiter, rank, short_mb, draft)) return;
  const at_once = draft.free_mb >= room_mb && !draft.model(model);
  draft.reserve(room_mb);
  draft.promiseGroup(model);
  if (!at_once) return;
  draft.startLoading(model, { holder, until_ms });
  draft.grant(waiter);
}

/** Whether that much will be free. */
function freeUp({ holder, until_ms }: CardWaiter, rank: number, short_mb: number, draft: Draft): boolean {
  const victims = chooseVictims(draft.candidates(), short_mb, rank);
  if (!victims) return false;
  const { idle, leased } = victims;
  if (leased.length === 0) {
    for (const { name } of idle) draft.startUnloading(name, { holder, until_ms });
    return true;
  }
  for (const { name } of leased) draft.want(name, rank);
  if (!leased.every((candidate) => comesBefore(rank, candidate))) return false;
  for (const { name, vram_mb } of [...idle, ...leased]) {
    draft.want(name, rank);
    draft.promise(name);
    draft.coming_mb += vram_mb;
  }
  return true;
}

/** Room beyond what is kept for it anyway; null for a model that is not of this card. */
function neededMb(name: string, draft: Draft): number | null {
  const config = draft.config(name);
  if (!config) return null;
  return draft.isFixed(name) ? 0 : config.vram_mb;
}
