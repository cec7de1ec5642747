import { learn } from "./background.ts";
import { findBlobs } from "./blobs.ts";
import { clearCastShadows } from "./cast-shadow.ts";
import { difference, median } from "./difference.ts";
import { changedPixels, foreground } from "./foreground.ts";
import type { Judged } from "./judge.ts";
import { applyLight, estimateLight } from "./light.ts";
import { share } from "./mask.ts";
import { pixelsOf, withShadows } from "./object-pixels.ts";
import { findObjects } from "./objects.ts";
import type { Picture } from "./picture.ts";
import type { Scene } from "./scene.ts";
import type { Workspace } from "./workspace.ts";

/** Share of the picture that cannot have changed by objects. */
const anotherScene = 0.6;

/** Finds the objects of the next picture and learns from it; null when most of the picture changed at once. */
export function nextPicture(scene: Scene, picture: Picture, workspace: Workspace): Judged[] | null {
  const { background } = scene;
  applyLight(background, estimateLight(picture, background));
  const strength = difference(picture, background, workspace);
  const least = Math.max(8, 5 * median(strength));
  const changed = changedPixels(background, strength, least, workspace);
  if (share(changed) > anotherScene) return null;
  const mask = foreground(background, picture, { strength, changed, least }, workspace);
  const shaded = findBlobs(mask, strength, picture, 6, workspace);
  const bare = workspace.copyOf(mask);
  const cleared = clearCastShadows(bare, shaded, picture, background);
  const labelled = cleared ? findBlobs(bare, strength, picture, 6, workspace) : shaded;
  const found = findObjects(scene, picture, labelled, least);
  const objects = pixelsOf(found, labelled, picture, workspace);
  learn(background, picture, changed, cleared ? withShadows(objects, shaded, picture) : objects);
  return found;
}
