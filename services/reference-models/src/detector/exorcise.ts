import { adopt, type Background } from "./background.ts";
import { findBlobs } from "./blobs.ts";
import { ghostScores, measureContinuity } from "./ghosts.ts";
import { closeGaps } from "./mask.ts";
import type { Picture } from "./picture.ts";
import type { Workspace } from "./workspace.ts";

/** Frames in which the scene is still being learnt: what left its first place is looked for pixel by pixel. */
const settlingFrames = 60;

/** Once the scene is known ghosts are looked for in each such frame only. */
const checkEvery = 4;

/** Frames for which a pixel inside an object that was there at the start is known as the object's. */
const taintedFrames = 4;

/** Least distance from the surroundings by which a pixel is the object's own. */
const ownColour = 12;

/** Takes ghosts out of the mask and repairs the background under them. */
export function exorcise(background: Background, picture: Picture, mask: Uint8Array, workspace: Workspace): void {
  if (!mask.includes(1)) return;
  if (background.frames < settlingFrames) exorcisePixels(background, picture, mask, workspace);
  else if (background.frames % checkEvery === 0) exorciseBlobs(background, picture, mask, workspace);
}

/**
 * An object that was there at the start and moves a little leaves a strip of ghost behind it, a strip of change before it,
 * and no difference between, where it still covers its old place: the gap is filled, so that both strips are seen against
 * the true surroundings, and what is neither ghost nor surroundings is the object.
 */
function exorcisePixels(background: Background, picture: Picture, mask: Uint8Array, workspace: Workspace): void {
  const { w } = picture;
  const whole = closeGaps(mask, picture, { across: 0, down: 3 }, workspace);
  const filled = closeGaps(whole, picture, { across: Math.round(0.16 * w), down: 0 }, workspace);
  const fit = measureContinuity(filled, picture, background, workspace);
  const score = ghostScores(filled, fit, picture, workspace);
  const ghosts = workspace.bytes(mask.length);
  for (let i = 0; i < mask.length; i++) if (score[i]! > 5 && fit.before[i]! - fit.now[i]! > 6) ghosts[i] = 1;
  const inside = insideObjects(whole, filled, ghosts, picture, workspace.bytes(mask.length));
  for (let i = 0; i < mask.length; i++) {
    if (filled[i] === 1 && ghosts[i] === 1) {
      mask[i] = 0;
      adopt(background, picture, i);
    } else if (isThick(inside, i, w) && background.known[i] === 0 && fit.now[i]! > ownColour && fit.now[i]! < 1e3) {
      mask[i] = 1;
      background.tainted[i] = taintedFrames;
    }
  }
}

/** Whether the marked pixel is one of three above each other: a gap of one row alone is noise. */
function isThick(marked: Uint8Array, i: number, w: number): boolean {
  if (marked[i] !== 1) return false;
  const [above, below] = [marked[i - w] === 1, marked[i + w] === 1];
  return (above && below) || (above && marked[i - 2 * w] === 1) || (below && marked[i + 2 * w] === 1);
}

/**
 * Marks the filled gaps that lie inside one object: with a ghost at one of its ends (the object moved on), or narrow with
 * thin strips at both (it grew). A gap between two whole objects is neither.
 */
function insideObjects(
  mask: Uint8Array,
  filled: Uint8Array,
  ghosts: Uint8Array,
  { w, h }: Picture,
  inside: Uint8Array,
): Uint8Array {
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const from = y * w + x;
      if (filled[from] === 0 || mask[from] === 1) continue;
      let gap = 1;
      while (x + gap < w && filled[from + gap] === 1 && mask[from + gap] === 0) gap++;
      const left = strip(from - 1, -1, x);
      const right = strip(from + gap, 1, w - x - gap);
      const moved = Math.max(left.ghostly, right.ghostly) > 0.4;
      const grew = left.length <= 4 && right.length <= 4 && gap <= 0.07 * w;
      if (moved || grew) inside.fill(1, from, from + gap);
      x += gap;
    }
  }
  return inside;

  function strip(start: number, step: number, room: number): { length: number; ghostly: number } {
    let length = 0;
    let ghostly = 0;
    while (length < room && mask[start + length * step] === 1) ghostly += ghosts[start + length++ * step]!;
    return { length, ghostly: length === 0 ? 0 : ghostly / length };
  }
}

/** Once the scene is known only a whole blob can be a ghost: an object that had stood there since the start. */
function exorciseBlobs(background: Background, picture: Picture, mask: Uint8Array, workspace: Workspace): void {
  const score = ghostScores(mask, measureContinuity(mask, picture, background, workspace), picture, workspace);
  const { labels, blobs } = findBlobs(mask, score, picture, 12, workspace);
  const gone = new Set(blobs.filter((blob) => blob.strength > 8 * blob.area).flatMap((blob) => blob.parts));
  if (gone.size === 0) return;
  for (let i = 0; i < mask.length; i++) {
    if (!gone.has(labels[i]!)) continue;
    mask[i] = 0;
    adopt(background, picture, i);
  }
}
