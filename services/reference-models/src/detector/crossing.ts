import { areaOf, type Blob, type Box, overlap } from "./blobs.ts";
import { expectedBox, type Track } from "./tracks.ts";

/**
 * Takes a blob apart that is several known objects in front of each other: each is expected mostly inside it, and they are
 * not one and the same. The boxes are the expected ones, moved so that the outer ones end where the blob ends.
 * @returns the objects' boxes, or the blob's own box alone
 */
export function takeApart(blob: Blob, tracks: Track[]): Box[] {
  const { box } = blob;
  const inside = tracks
    .filter((track) => track.seen >= 3 && track.missed <= 12)
    .map((track) => expectedBox(track))
    .filter((expected) => overlap(expected, box) > 0.6 * areaOf(expected));
  const several = inside.filter((a, at) =>
    inside.every((b, other) => other >= at || overlap(a, b) < 0.9 * Math.min(areaOf(a), areaOf(b))),
  );
  if (several.length < 2 || several.length > 4) return [box];
  const covered = several.reduce((sum, expected) => sum + overlap(expected, box), 0);
  if (covered < 0.6 * areaOf(box)) return [box];
  const left = Math.min(...several.map((expected) => expected.x0));
  const right = Math.max(...several.map((expected) => expected.x1));
  return several.map((expected) => {
    const shift = expected.x0 === left ? box.x0 - left : expected.x1 === right ? box.x1 - right : 0;
    const bounded = Math.max(-4, Math.min(4, shift));
    return clip({ ...expected, x0: expected.x0 + bounded, x1: expected.x1 + bounded }, box);
  });
}

function clip(box: Box, to: Box): Box {
  return {
    x0: Math.max(box.x0, to.x0),
    y0: Math.max(box.y0, to.y0),
    x1: Math.min(box.x1, to.x1),
    y1: Math.min(box.y1, to.y1),
  };
}
