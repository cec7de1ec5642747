import type { StandOptions } from "./stand.ts";

/** One way to run the bench. */
export interface Variant extends Pick<StandOptions, "pictures" | "settings" | "finds"> {
  name: string;
}

const NO_MOTION_GATE = { GATEHOUSE_DETECTION__MOTION_GATE: "false" };
const NO_GATE = { ...NO_MOTION_GATE, GATEHOUSE_DETECTION__MIN_SHARPNESS: "0" };

/** What the goal is about: every frame goes to the detector; the other gates (duplicates, blur) are on, as by default. */
export const GOAL: Variant = {
  name: "noise, no motion gate",
  pictures: "noise",
  settings: NO_MOTION_GATE,
  finds: "nothing",
};

export const VARIANTS: readonly Variant[] = [
  GOAL,
  { name: "scenes, no motion gate", pictures: "scene", settings: NO_MOTION_GATE, finds: "nothing" },
  { name: "scenes, a person found", pictures: "scene", settings: NO_MOTION_GATE, finds: "person" },
  { name: "scenes, all gates on", pictures: "scene", settings: {}, finds: "nothing" },
  { name: "scenes, no gate looks", pictures: "scene", settings: NO_GATE, finds: "nothing" },
];
