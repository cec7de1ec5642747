import { type CardModel, type CardState, emptyCard, readCard, usedMb } from "./card-state.ts";
import { budgetMb, type CardConfig, GPU_PRIORITIES, type GpuPriority } from "./config.ts";
import type { LeaseStore } from "./lease-store.ts";
import { inTurn } from "./rank.ts";
import { GPU_TIMES } from "./times.ts";

/** A model that is on a card, is coming, or is going. */
export interface ModelOnCard {
  name: string;
  state: CardModel["state"];
  vram_mb: number;
  /** Null when the model is no longer in the configuration. */
  priority: GpuPriority | null;
  resident: boolean;
  last_used_ms: number;
  /** Who may use it now. */
  holders: string[];
  /** Why the last try to load or unload it failed. */
  fault: string | null;
}

/** A holder that waits for a model. */
export interface PendingLoad {
  model: string;
  holder: string;
  priority: GpuPriority;
  /** 1: the next. */
  position: number;
  /** As it last told: at most a renewal ago. */
  waited_ms: number;
}

/** How a card is. */
export interface CardStatus {
  card: string;
  vram_budget_mb: number;
  vram_used_mb: number;
  vram_available_mb: number;
  /** Used of the budget, 0..1. */
  utilization: number;
  loaded_models: ModelOnCard[];
  pending_loads: PendingLoad[];
}

/** How a card is, as its key says. */
export function cardStatus(card: CardConfig, state: CardState, aging_ms = GPU_TIMES.aging_ms): CardStatus {
  const budget_mb = budgetMb(card);
  const used_mb = usedMb(state);
  const configs = new Map(card.models.map((model) => [model.name, model]));
  return {
    card: card.id,
    vram_budget_mb: budget_mb,
    vram_used_mb: used_mb,
    vram_available_mb: Math.max(0, budget_mb - used_mb),
    utilization: used_mb / budget_mb,
    loaded_models: Object.entries(state.models).map(([name, { state: now, vram_mb, last_used_ms, fault }]) => ({
      name,
      state: now,
      vram_mb,
      priority: configs.get(name)?.priority ?? null,
      resident: configs.get(name)?.resident ?? false,
      last_used_ms,
      holders: state.leases.filter(({ model }) => model === name).map(({ holder }) => holder),
      fault,
    })),
    pending_loads: inTurn(state.waiters, aging_ms).map(({ waiter }, i) => ({
      model: waiter.model,
      holder: waiter.holder,
      priority: GPU_PRIORITIES[waiter.priority]!,
      position: i + 1,
      waited_ms: waiter.waited_ms,
    })),
  };
}

/** How a card is now, read from its key by somebody who uses no model of it. @throws what the store throws @throws {SchemaViolationError | UndecodableError} */
export async function readCardStatus(card: CardConfig, store: Pick<LeaseStore, "read">): Promise<CardStatus> {
  const { body } = await store.read(card.id);
  return cardStatus(card, body ? readCard(body) : emptyCard());
}
