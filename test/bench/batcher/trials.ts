import type { Load, Variant } from "./wire.ts";

/** In a closed loop: each calls again as soon as it is answered. */
export const CALLERS = [1, 8, 64, 256];
/** Calls a second at random times. */
export const RATES = [50, 300, 800];

/** A load that everybody plays. */
export interface Trial {
  name: string;
  load: Omit<Load, "seed">;
  /** Without batches the card does 116 a second: more calls than that would only queue. Full batches are for many callers. */
  variants: readonly Variant[];
}

const BOTH: readonly Variant[] = ["ours", "fixed"];
const ALONE: readonly Variant[] = [...BOTH, "none"];
const FULL: readonly Variant[] = [...BOTH, "card"];

export const callersName = (callers: number): string => (callers === 1 ? "1 caller" : `${callers} callers`);
export const rateName = (rate: number): string => `${rate}/s`;

/** All trials, each short, so that who else uses the machine meets everybody; shorter still to show that it runs. */
export function trialsOf(short: boolean): Trial[] {
  const closed = CALLERS.map((callers) => ({
    name: callersName(callers),
    load: { callers, ms: short ? 100 : 600 },
    variants: callers < 10 ? ALONE : callers > 200 ? FULL : BOTH,
  }));
  const open = RATES.map((rate) => ({
    name: rateName(rate),
    load: { rate, ms: short ? 200 : rate < 100 ? 2_000 : 1_000 },
    variants: rate < 100 ? ALONE : BOTH,
  }));
  return [...closed, ...open];
}
