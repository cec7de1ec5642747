import { type Blob, type Box, height, type Labelled, width } from "./blobs.ts";

/** What the labels are told from: numbers of a silhouette, no colours. */
export interface Shape {
  /** Height over width of the box. */
  tallness: number;
  /** Share of the box that is marked, 0..1. */
  fill: number;
  /** Share of the height, from the ground up, in which the silhouette is thinned out: legs, or the room between wheels. */
  legs: number;
  /** Share of the box's highest third that is marked: a cabin is narrower than a car, a box truck is not. */
  topFill: number;
  /** Height of the box over the height that a person would have who stands where the box stands. */
  personHeights: number;
  /** Width of the box in the same unit. */
  personWidths: number;
  /** Whether the picture's edge cuts the box. */
  cut: boolean;
  /** Whether the left or right edge does, so that the object is wider than its box. */
  cutAside: boolean;
}

/** Height in pixels that a person is expected to have whose feet are at `bottom`, in a picture `h` high: a camera above a door. */
function personHeight(bottom: number, h: number): number {
  return h * (0.06 + 0.36 * Math.min(1, Math.max(0.1, bottom / h)));
}

/** Measures a blob. `scale` corrects the expected height of a person, learnt from persons seen (1 at first). */
export function measure(blob: Blob, { labels }: Labelled, w: number, h: number, scale: number): Shape {
  const { box } = blob;
  const person = scale * personHeight(box.y1, h);
  const top = { ...box, y1: Math.round(box.y0 + height(box) * 0.34) };
  return {
    tallness: height(box) / width(box),
    fill: filled(box, blob, labels, w),
    legs: legShare(blob, labels, w),
    topFill: filled(top, blob, labels, w),
    personHeights: height(box) / person,
    personWidths: width(box) / person,
    cut: box.x0 <= 0 || box.x1 >= w || box.y1 >= h || box.y0 <= 0,
    cutAside: box.x0 <= 0 || box.x1 >= w,
  };
}

/** Share of the box that belongs to the blob; each row counts from its first to its last pixel only in part: gaps are kept. */
function filled(box: Box, blob: Blob, labels: Int32Array, w: number): number {
  const parts = new Set(blob.parts);
  let count = 0;
  for (let y = box.y0; y < box.y1; y++)
    for (let x = box.x0; x < box.x1; x++) if (labels[y * w + x] !== 0 && parts.has(labels[y * w + x]!)) count++;
  return count / Math.max(1, width(box) * height(box));
}

/** Counts rows from the ground up until two in a row are marked for at least 0.62 of what the fullest tenth of rows is. */
function legShare({ box, parts }: Blob, labels: Int32Array, w: number): number {
  const own = new Set(parts);
  const rows: number[] = [];
  for (let y = box.y1 - 1; y >= box.y0; y--) {
    let count = 0;
    for (let x = box.x0; x < box.x1; x++) if (labels[y * w + x] !== 0 && own.has(labels[y * w + x]!)) count++;
    rows.push(count);
  }
  const full = [...rows].sort((a, b) => b - a)[Math.floor(rows.length / 10)] ?? 1;
  const body = rows.findIndex((count, at) => count >= 0.62 * full && (rows[at + 1] ?? count) >= 0.62 * full);
  return Math.max(0, body) / rows.length;
}
