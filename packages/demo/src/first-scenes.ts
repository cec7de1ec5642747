import { makeScene } from "./make-scene.ts";
import { drivewaySite } from "./places/driveway.ts";
import { frontDoorSite } from "./places/front-door.ts";
import type { Scene } from "./scene.ts";
import { makeStage, type Stage } from "./stage.ts";
import { drivewayStories } from "./stories/driveway-stories.ts";
import { frontDoorStories } from "./stories/front-door-stories.ts";

/** The first set: 640 x 480, two cameras on a sunny day and a still night. */
export function scenes(seed = 1): Scene[] {
  return firstStages(seed).map(makeScene);
}

/** The first set before it becomes JPEG. */
export function firstStages(seed: number): Stage[] {
  const scripts = [...drivewayStories(drivewaySite(seed)), ...frontDoorStories(frontDoorSite(seed))];
  return scripts.map((script) => makeStage(script, seed));
}
