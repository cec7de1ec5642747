import { startBackground } from "./background.ts";
import { findBlobs } from "./blobs.ts";
import { joinFragments } from "./fragments.ts";
import { type Judged, judge, keepLikely } from "./judge.ts";
import { share } from "./mask.ts";
import { pixelsOf } from "./object-pixels.ts";
import type { Picture } from "./picture.ts";
import type { Scene } from "./scene.ts";
import { subjectMask } from "./subject.ts";
import { follow } from "./tracks.ts";
import type { Workspace } from "./workspace.ts";

/** Frames that subjects of the first picture are believed without having moved. */
const believedFrames = 12;

/** The same for a single subject before plain surroundings. */
const aloneFrames = 300;

/** Begins a source. What stands out from the border's colours in its first picture is taken for objects until it is clear. */
export function beginScene(picture: Picture, workspace: Workspace): { scene: Scene; found: Judged[] } {
  const background = startBackground(picture);
  const scene: Scene = { background, tracks: [], personScale: 1 };
  const { mask, strength, least } = subjectMask(picture, workspace);
  const labelled = findBlobs(mask, strength, picture, 20, workspace);
  const objects = joinFragments(labelled.blobs, []).map((blob) => judge(blob, blob.box, labelled, picture, least, 1));
  const likely = keepLikely(objects, picture, { most: 20, mostArea: 0.25, leastFit: -7 });
  const alone = likely.length === 1 && share(mask) < 0.2 && likely[0]!.shape.tallness > 1.4;
  const found = alone ? likely : likely.filter(({ fit }) => fit > -1).slice(0, 4);
  const pixels = pixelsOf(found, labelled, picture, workspace);
  for (let i = 0; i < pixels.length; i++)
    if (pixels[i] === 1) background.tainted[i] = alone ? aloneFrames : believedFrames;
  follow(scene.tracks, found);
  return { scene, found };
}
