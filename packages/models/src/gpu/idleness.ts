import type { CardState } from "./card-state.ts";
import type { CardConfig } from "./config.ts";
import { isFixed } from "./config.ts";

interface LastUse {
  last_used_ms: number;
  since_ms: number;
}

/** A model that is no longer in the configuration goes after this time. */
const UNKNOWN_IDLE_MS = 300_000;

/** Counts, by this process's own clock, for how long each model was not used: for how long its last use did not change. */
export class Idleness {
  readonly #limits_ms: ReadonlyMap<string, number>;
  readonly #models = new Map<string, LastUse>();

  constructor({ models }: CardConfig) {
    const limit = (model: CardConfig["models"][number]) =>
      isFixed(model) ? Number.POSITIVE_INFINITY : model.idle_unload_s * 1_000;
    this.#limits_ms = new Map(models.map((model) => [model.name, limit(model)]));
  }

  look({ models }: CardState, at_ms: number): void {
    for (const name of this.#models.keys()) if (!models[name]) this.#models.delete(name);
    for (const [name, { last_used_ms }] of Object.entries(models))
      if (this.#models.get(name)?.last_used_ms !== last_used_ms)
        this.#models.set(name, { last_used_ms, since_ms: at_ms });
  }

  /** Models that were not used for longer than they may be kept. */
  idle(at_ms: number): string[] {
    return [...this.#models]
      .filter(([name, { since_ms }]) => at_ms - since_ms >= (this.#limits_ms.get(name) ?? UNKNOWN_IDLE_MS))
      .map(([name]) => name);
  }
}
