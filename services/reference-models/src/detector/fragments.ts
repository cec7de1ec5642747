import { areaOf, around, type Blob, type Box, height, join, overlap, width } from "./blobs.ts";

/**
 * Joins what one object was broken into: parts stacked above each other (head, torso, legs of which one has the scene's
 * own colour), parts side by side at one height, and parts inside a box where an object is expected.
 */
export function joinFragments(blobs: Blob[], expected: Box[]): Blob[] {
  let open = [...blobs].sort((a, b) => b.area - a.area).slice(0, 120);
  for (let again = true; again; ) {
    again = false;
    outer: for (let i = 0; i < open.length; i++) {
      for (let k = i + 1; k < open.length; k++) {
        if (!belongTogether(open[i]!, open[k]!, expected)) continue;
        open[i] = join(open[i]!, open[k]!);
        open = open.filter((_, at) => at !== k);
        again = true;
        break outer;
      }
    }
  }
  return open;
}

function belongTogether(a: Blob, b: Blob, expected: Box[]): boolean {
  const both = around(a.box, b.box);
  if (overlap(a.box, b.box) > 0.6 * Math.min(areaOf(a.box), areaOf(b.box))) return true;
  if (isSpeck(a, both) || isSpeck(b, both)) return false;
  return (
    stacked(a.box, b.box, both) ||
    beside(a, b, both) ||
    (areParts(a, b) && expected.some((box) => holds(box, a.box, b.box)))
  );
}

/** Whether a blob is too little for the room that it would add to the box: noise near an object, not a part of it. */
function isSpeck(part: Blob, both: Box): boolean {
  return part.area < 8 && part.area < 0.02 * areaOf(both);
}

function stacked(a: Box, b: Box, both: Box): boolean {
  const shared = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const gap = Math.max(a.y0, b.y0) - Math.min(a.y1, b.y1);
  const narrow = Math.min(width(a), width(b));
  if (shared < 0.5 * narrow || height(both) > 3.6 * width(both)) return false;
  const limit = Math.min(Math.max(2, 0.22 * height(both)), 0.7 * Math.max(width(a), width(b)) + 1);
  return gap <= limit;
}

function beside(a: Blob, b: Blob, both: Box): boolean {
  const shared = Math.min(a.box.y1, b.box.y1) - Math.max(a.box.y0, b.box.y0);
  const gap = Math.max(a.box.x0, b.box.x0) - Math.min(a.box.x1, b.box.x1);
  const low = Math.min(height(a.box), height(b.box));
  const small = Math.min(a.area, b.area) < 0.25 * Math.max(a.area, b.area);
  const sliver = Math.min(width(a.box), width(b.box)) < 0.25 * height(both);
  const limit = small || sliver || areOneVehicle(a.box, b.box) ? Math.max(2, 0.06 * height(both)) : 1;
  return shared > 0.5 * low && gap <= limit;
}

/** Like in height, and not both upright: a cab and its load, not two persons. */
function areOneVehicle(a: Box, b: Box): boolean {
  const alike = Math.min(height(a), height(b)) > 0.55 * Math.max(height(a), height(b));
  return alike && Math.min(height(a) / width(a), height(b) / width(b)) < 1.3;
}

/** Whether two blobs may be parts of one object at all: one above the other, or one much smaller. Two side by side are two. */
function areParts(a: Blob, b: Blob): boolean {
  const shared = Math.min(a.box.x1, b.box.x1) - Math.max(a.box.x0, b.box.x0);
  const small = Math.min(a.area, b.area) < 0.15 * Math.max(a.area, b.area);
  return small || shared > 0.4 * Math.min(width(a.box), width(b.box));
}

/** Whether the expected box, a little enlarged, holds most of both. */
function holds(box: Box, a: Box, b: Box): boolean {
  const margin = 2 + 0.08 * Math.max(width(box), height(box));
  const wide = { x0: box.x0 - margin, y0: box.y0 - margin, x1: box.x1 + margin, y1: box.y1 + margin };
  return overlap(wide, a) > 0.8 * areaOf(a) && overlap(wide, b) > 0.8 * areaOf(b);
}
