import type { Workspace } from "./workspace.ts";

/** A box in working pixels: `x1`, `y1` are the first pixels outside. */
export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** Marked pixels that belong together. */
export interface Blob {
  box: Box;
  /** Labels of its parts in the label picture. */
  parts: number[];
  /** Marked pixels. */
  area: number;
  /** Sum of the difference over the marked pixels. */
  strength: number;
}

export interface Labelled {
  /** Per pixel the part's number from 1, 0 for none. */
  labels: Int32Array;
  blobs: Blob[];
}

/** Connected components (eight neighbours) by flood fill, smaller ones than `leastArea` left out. */
export function findBlobs(
  mask: Uint8Array,
  strength: Float32Array,
  { w, h }: { w: number; h: number },
  leastArea: number,
  workspace: Workspace,
): Labelled {
  const labels = workspace.ints(mask.length);
  const stack: number[] = [];
  const blobs: Blob[] = [];
  let next = 1;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0 || labels[i] !== 0) continue;
    const blob = flood(i, next++);
    if (blob.area >= leastArea) blobs.push(blob);
  }
  return { labels, blobs };

  function flood(start: number, label: number): Blob {
    const blob: Blob = { box: { x0: w, y0: h, x1: 0, y1: 0 }, parts: [label], area: 0, strength: 0 };
    labels[start] = label;
    stack.push(start);
    for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
      const x = i % w;
      const y = (i - x) / w;
      include(blob.box, x, y);
      blob.area++;
      blob.strength += strength[i]!;
      for (let yy = Math.max(0, y - 1); yy <= Math.min(h - 1, y + 1); yy++) {
        for (let xx = Math.max(0, x - 1); xx <= Math.min(w - 1, x + 1); xx++) {
          const j = yy * w + xx;
          if (mask[j] === 0 || labels[j] !== 0) continue;
          labels[j] = label;
          stack.push(j);
        }
      }
    }
    return blob;
  }
}

function include(box: Box, x: number, y: number): void {
  if (x < box.x0) box.x0 = x;
  if (y < box.y0) box.y0 = y;
  if (x >= box.x1) box.x1 = x + 1;
  if (y >= box.y1) box.y1 = y + 1;
}

export const width = (box: Box): number => box.x1 - box.x0;
export const height = (box: Box): number => box.y1 - box.y0;
export const areaOf = (box: Box): number => Math.max(0, width(box)) * Math.max(0, height(box));

/** The smallest box around both. */
export function around(a: Box, b: Box): Box {
  return {
    x0: Math.min(a.x0, b.x0),
    y0: Math.min(a.y0, b.y0),
    x1: Math.max(a.x1, b.x1),
    y1: Math.max(a.y1, b.y1),
  };
}

/** The shared part of both, in pixels. */
export function overlap(a: Box, b: Box): number {
  const w = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const h = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  return w > 0 && h > 0 ? w * h : 0;
}

/** Intersection over union, 0..1. */
export function iou(a: Box, b: Box): number {
  const shared = overlap(a, b);
  return shared === 0 ? 0 : shared / (areaOf(a) + areaOf(b) - shared);
}

/** One blob of both. */
export function join(a: Blob, b: Blob): Blob {
  return {
    box: around(a.box, b.box),
    parts: [...a.parts, ...b.parts],
    area: a.area + b.area,
    strength: a.strength + b.strength,
  };
}
