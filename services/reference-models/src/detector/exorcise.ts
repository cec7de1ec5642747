import { adopt, type Background } from "./background.ts";
import { findBlobs } from "./blobs.ts";
import { ghostScores, measureContinuity } from "./ghosts.ts";
import { closeGaps } from "./mask.ts";
import type { Picture } from "./picture.ts";

/** Frames in which the scene is still being learnt: what left its first place is looked for pixel by pixel. */
const settlingFrames = 60;

/** Frames for which a pixel inside an object that was there at the start is known as the object's. */
const taintedFrames = 4;

/** Least distance from the surroundings by which a pixel is the object's own. */
const ownColour = 12;

/** Takes ghosts out of the mask and repairs the background under them. */
export function exorcise(background: Background, picture: Picture, mask: Uint8Array): void {
  if (background.frames < settlingFrames) exorcisePixels(background, picture, mask);
  else exorciseBlobs(background, picture, mask);
}

/**
 * An object that was there at the start and moves a little leaves a strip of ghost behind it, a strip of change before it,
 * and no difference between, where it still covers its old place: the gap is filled, so that both strips are seen against
 * the true surroundings, and what is neither ghost nor surroundings is the object.
 */
function exorcisePixels(background: Background, picture: Picture, mask: Uint8Array): void {
  const { w, h } = picture;
  const filled = closeGaps(mask, w, h, { across: Math.round(0.16 * w), down: 3 });
  const fit = measureContinuity(filled, picture, background);
  const score = ghostScores(filled, fit, w, h);
  for (let i = 0; i < mask.length; i++) {
    if (filled[i] === 0) continue;
    if (score[i]! > 5 && fit.before[i]! - fit.now[i]! > 6) {
      mask[i] = 0;
      adopt(background, picture, i);
    } else if (mask[i] === 0 && background.known[i] === 0 && fit.now[i]! > ownColour && fit.now[i]! < 1e3) {
      mask[i] = 1;
      background.tainted[i] = taintedFrames;
    }
  }
}

/** Once the scene is known only a whole blob can be a ghost: an object that had stood there since the start. */
function exorciseBlobs(background: Background, picture: Picture, mask: Uint8Array): void {
  const { w, h } = picture;
  const score = ghostScores(mask, measureContinuity(mask, picture, background), w, h);
  const { labels, blobs } = findBlobs(mask, score, w, h, 12);
  const gone = new Set(blobs.filter((blob) => blob.strength > 8 * blob.area).flatMap((blob) => blob.parts));
  if (gone.size === 0) return;
  for (let i = 0; i < mask.length; i++) {
    if (!gone.has(labels[i]!)) continue;
    mask[i] = 0;
    adopt(background, picture, i);
  }
}
