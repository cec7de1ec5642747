import type { HealthPace } from "./engines/engine-health.ts";

/** How long the flow waits for what may be otherwise in a moment. */
export interface Pace extends HealthPace {
  /** A cancel may come so long before its trigger without anybody being told. */
  early_cancel_ms: number;
  /** Nobody knows whether the engine has a run: asked again, doubling. */
  doubt_least_ms: number;
  /** Between two looks for a run that the engine does not know. */
  look_again_ms: number;
}

export const PACE: Pace = Object.freeze({
  away_least_ms: 1_000,
  away_most_ms: 30_000,
  early_cancel_ms: 3_000,
  doubt_least_ms: 200,
  look_again_ms: 2_000,
});
