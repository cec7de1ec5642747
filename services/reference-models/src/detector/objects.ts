import { type Blob, type Box, type Labelled, width } from "./blobs.ts";
import { bridgeGaps } from "./bridge.ts";
import { takeApart } from "./crossing.ts";
import { joinFragments } from "./fragments.ts";
import { type Judged, judge, keepLikely } from "./judge.ts";
import { bestLabel, confidence, type LabelName } from "./label.ts";
import type { Picture } from "./picture.ts";
import type { Scene } from "./scene.ts";
import { withoutShadow } from "./shadow.ts";
import { partSideBySide } from "./side-by-side.ts";
import { expectedBox, follow, type Track } from "./tracks.ts";

/** Frames until what lies beside an object is no longer likely to be its ghost, which must not be joined to it. */
const knownAfterFrames = 30;

/** Makes objects of blobs: joins what belongs together, parts what does not, labels, and follows them. */
export function findObjects(scene: Scene, picture: Picture, labelled: Labelled, least: number): Judged[] {
  const judgeIn = (blob: Blob, box: Box) => judge(blob, box, labelled, picture, least, scene.personScale);
  const expected = scene.tracks.filter((track) => track.seen >= 3 && track.missed < 4).map(expectedBox);
  const joined = joinFragments(labelled.blobs, expected);
  const isKnown = scene.background.frames >= knownAfterFrames;
  const blobs = isKnown ? bridgeGaps(joined, (blob) => judgeIn(blob, blob.box)) : joined;
  const objects = blobs.flatMap((blob) => {
    const box = withoutShadow(blob, labelled, picture, scene.background);
    const known = takeApart({ ...blob, box }, scene.tracks);
    if (known.length > 1) return known.map((part) => judgeIn(blob, part));
    return partSideBySide(blob, box, labelled, picture.w, (part) => judgeIn(blob, part));
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
