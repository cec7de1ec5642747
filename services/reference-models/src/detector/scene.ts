import { type Background, learn, startBackground } from "./background.ts";
import { type Blob, type Box, findBlobs, height, type Labelled, width } from "./blobs.ts";
import { takeApart } from "./crossing.ts";
import { difference, distance, median } from "./difference.ts";
import { exorcise } from "./exorcise.ts";
import { joinFragments } from "./fragments.ts";
import { type Judged, judge, keepLikely } from "./judge.ts";
import { bestLabel, confidence, type LabelName } from "./label.ts";
import { applyLight, estimateLight } from "./light.ts";
import { closeGaps, removeSpecks, trimRims } from "./mask.ts";
import type { Picture } from "./picture.ts";
import { withoutShadow } from "./shadow.ts";
import { subjectMask } from "./subject.ts";
import { expectedBox, follow, type Track } from "./tracks.ts";

/** Frames that subjects of the first picture are believed without having moved. */
const believedFrames = 12;

/** The same for a single subject before plain surroundings. */
const aloneFrames = 300;

/** One source: its empty scene and the objects in it. Made by the first picture, changed by every further one. */
export interface Scene {
  background: Background;
  tracks: Track[];
  /** Correction of a person's expected height, learnt from persons. */
  personScale: number;
}

/** Begins a source. What stands out from the border's colours in its first picture is taken for objects until it is clear. */
export function beginScene(picture: Picture): { scene: Scene; found: Judged[] } {
  const background = startBackground(picture);
  const scene: Scene = { background, tracks: [], personScale: 1 };
  const { mask, strength, least } = subjectMask(picture);
  const labelled = findBlobs(mask, strength, picture.w, picture.h, 20);
  const objects = joinFragments(labelled.blobs, []).map((blob) => judge(blob, blob.box, labelled, picture, least, 1));
  const likely = keepLikely(objects, picture, { most: 20, mostArea: 0.25, leastFit: -7 });
  const alone = likely.length === 1 && share(mask) < 0.2 && likely[0]!.shape.tallness > 1.4;
  const found = alone ? likely : likely.filter(({ fit }) => fit > -1).slice(0, 4);
  const pixels = pixelsOf(found, labelled, picture);
  for (let i = 0; i < pixels.length; i++)
    if (pixels[i] === 1) background.tainted[i] = alone ? aloneFrames : believedFrames;
  follow(scene.tracks, found);
  return { scene, found };
}

/** Whether the picture is of another size or shows something else altogether, so that the source begins anew. */
export function isAnotherScene({ background }: Scene, picture: Picture): boolean {
  return background.w !== picture.w || background.h !== picture.h;
}

/** Finds the objects of the next picture and learns from it; null when most of the picture changed at once. */
export function nextPicture(scene: Scene, picture: Picture): Judged[] | null {
  const { background } = scene;
  applyLight(background, estimateLight(picture, background));
  const strength = difference(picture, background);
  const least = Math.max(8, 5 * median(strength));
  const changed = changedPixels(background, strength, least);
  if (share(changed) > 0.6) return null;
  const mask = objectPixels(scene, picture, strength, changed, least);
  const labelled = findBlobs(mask, strength, picture.w, picture.h, 6);
  const found = judgeAll(scene, picture, labelled, least);
  learn(background, picture, changed, pixelsOf(found, labelled, picture));
  return found;
}

function changedPixels(background: Background, strength: Float32Array, least: number): Uint8Array {
  const changed = new Uint8Array(strength.length);
  for (let i = 0; i < changed.length; i++) {
    const calm = Math.max(least, 3.2 * background.restless[i]!);
    const limit = calm * (1 + Math.max(0, background.flips[i]! - 4) * 0.5);
    if (strength[i]! > limit) changed[i] = 1;
  }
  return changed;
}

function share(mask: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < mask.length; i++) count += mask[i]!;
  return count / mask.length;
}

function objectPixels(scene: Scene, picture: Picture, strength: Float32Array, changed: Uint8Array, least: number) {
  const { background } = scene;
  const { w, h } = picture;
  const mask = trimRims(changed, strength, w, h, 0.38);
  removeSpecks(mask, w, h, 2);
  for (let i = 0; i < mask.length; i++) {
    if (background.tainted[i]! > 0 && distance(picture, i, background, i) < 2 * least) {
      mask[i] = 1;
      strength[i] = Math.max(strength[i]!, 3 * least);
    }
  }
  exorcise(background, picture, mask);
  return closeGaps(mask, w, h, { across: 2, down: Math.max(3, Math.round(h / 60)) });
}

function judgeAll(scene: Scene, picture: Picture, labelled: Labelled, least: number): Judged[] {
  const expected = scene.tracks.filter((track) => track.seen >= 3 && track.missed < 4).map(expectedBox);
  const blobs = joinFragments(labelled.blobs, expected);
  const objects = blobs.flatMap((blob) => {
    const box = withoutShadow(blob, labelled, picture, scene.background);
    return takeApart({ ...blob, box }, scene.tracks).map((part) =>
      judge(blob, part, labelled, picture, least, scene.personScale),
    );
  });
  const found = keepLikely(objects, picture, { most: 20, mostArea: 0.5, leastFit: -7 });
  const tracks = follow(scene.tracks, found);
  return found.map((object, at) => settleLabel(scene, object, tracks[at]!));
}

/** The label that fits the object best over the frames in which it was seen. */
function settleLabel(scene: Scene, object: Judged, track: Track): Judged {
  const { name } = bestLabel(track.fits);
  if (name === "person" && track.seen > 5 && !object.shape.cut && object.shape.tallness > 1.7)
    scene.personScale *= Math.min(2.5, Math.max(0.4, object.shape.personHeights)) ** (track.seen < 40 ? 0.1 : 0.02);
  const evidence = { contrast: object.contrast, area: object.blob.area, fit: object.fits[name] };
  const sure = confidence(evidence);
  return { ...object, label: name, confidence: isRestless(name, object, track) ? Math.min(0.45, sure) : sure };
}

/** Something small or ill-shaped that is new and has not left its first place: as likely a branch as a dog. */
function isRestless(name: LabelName, { box, shape, fits }: Judged, { seen, origin }: Track): boolean {
  const doubtful = name === "dog" || name === "cat" || fits[name] < -2.5;
  if (!doubtful || seen > 25 || shape.cutAside) return false;
  const moved = Math.hypot(box.x0 + box.x1 - origin.x0 - origin.x1, box.y1 - origin.y1) / 2;
  return (seen > 1 || name === "person") && moved < 0.25 * width(box);
}

function pixelsOf(found: Judged[], { labels }: Labelled, { w, h }: Picture): Uint8Array {
  const marked = new Uint8Array(labels.length);
  for (const { box, blob } of found) mark(box, blob);
  return marked;

  function mark(box: Box, blob: Blob): void {
    const parts = new Set(blob.parts);
    const wide = { x0: blob.box.x0 - 1, y0: blob.box.y0 - 1, x1: blob.box.x1 + 1, y1: blob.box.y1 + 1 };
    if (width(box) * height(box) === 0) return;
    for (let y = Math.max(0, wide.y0); y < Math.min(h, wide.y1); y++)
      for (let x = Math.max(0, wide.x0); x < Math.min(w, wide.x1); x++)
        if (parts.has(labels[y * w + x]!)) marked[y * w + x] = 1;
  }
}
