import { makeScene } from "./make-scene.ts";
import { courtyardSite } from "./places/courtyard.ts";
import { sideGateSite } from "./places/side-gate.ts";
import type { Scene } from "./scene.ts";
import { makeStage, type Stage } from "./stage.ts";
import { courtyardStories } from "./stories/courtyard-stories.ts";
import { sideGateStories } from "./stories/side-gate-stories.ts";

/** The second set, with another look: 1280 x 720 and 800 x 600, autumn, wind, other people. Nothing is to be tuned on it. */
export function secondScenes(seed = 1): Scene[] {
  return secondStages(seed).map(makeScene);
}

/** The second set before it becomes JPEG. */
export function secondStages(seed: number): Stage[] {
  const scripts = [...courtyardStories(courtyardSite(seed)), ...sideGateStories(sideGateSite(seed))];
  return scripts.map((script) => makeStage(script, seed));
}
