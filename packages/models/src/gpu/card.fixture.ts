import { type CardModel, type CardState, type CardWaiter, emptyCard } from "./card-state.ts";
import { type Finished, type Mine, withMine } from "./changes.ts";
import type { CardConfig, GpuModelConfig } from "./config.ts";
import { type Settled, settle } from "./settle.ts";

const TRITON = { kind: "triton", url: "http://127.0.0.1:8000" } as const;
export const AGING_MS = 10_000;

type ShortModel = Partial<GpuModelConfig> & Pick<GpuModelConfig, "name" | "vram_mb">;

/** A card of 1,000 MB for models. */
export function cardOf(...models: ShortModel[]): CardConfig {
  const usual = { priority: "normal", resident: false, idle_unload_s: 300, load: TRITON } as const;
  return { id: "card-0", vram_mb: 1_100, reserved_mb: 100, models: models.map((model) => ({ ...usual, ...model })) };
}

/** A model of a state: loaded unless said. */
export const onCard = (vram_mb: number, own: Partial<CardModel> = {}): CardModel => ({
  state: "loaded",
  vram_mb,
  last_used_ms: 0,
  load: TRITON,
  by: null,
  fault: null,
  ...own,
});

/** Somebody who waits: normal, and has just come. */
export const waiterFor = (model: string, own: Partial<CardWaiter> = {}): CardWaiter => ({
  id: `wait-${model}`,
  holder: "h",
  model,
  priority: 2,
  waited_ms: 0,
  until_ms: 15_000,
  ...own,
});

export const leaseOf = (
  model: string,
  own: Partial<CardState["leases"][number]> = {},
): CardState["leases"][number] => ({
  id: `lease-${model}`,
  holder: "other",
  model,
  until_ms: 15_000,
  ...own,
});

export const stateOf = (own: Partial<CardState>): CardState => ({ ...emptyCard(), ...own });

export const settled = (card: CardConfig, own: Partial<CardState>): Settled =>
  settle(card, stateOf(own), { aging_ms: AGING_MS, now_ms: 100 });

/** What a holder has, at time 0. */
export const mineOf = (holder: string, own: Partial<Mine> = {}): Mine => ({
  holder,
  now_ms: 0,
  until_ms: 15_000,
  claims: [],
  finished: [],
  silences: [],
  dead: [],
  missing: [],
  idle: [],
  strays: [],
  preload: [],
  resigns: false,
  ...own,
});

/** Applies what a holder has and knows. */
export const changed = (card: CardConfig, state: CardState, mine: Mine): CardState =>
  withMine(card, state, mine, AGING_MS).state;

export const finished = (model: string, how: Finished["how"], fault: string | null = null): Finished => ({
  model,
  how,
  fault,
});
