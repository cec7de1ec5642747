import type { Blob, Box, Labelled } from "./blobs.ts";
import { height, width } from "./blobs.ts";
import type { Planes } from "./difference.ts";

/** Whether pixel `i` may be shadow: darker than the scene by 5 to 65 percent, of the same colour. */
export function mayBeShadow(now: Planes, scene: Planes, i: number): boolean {
  const before = scene.y[i]!;
  if (before < 24) return false;
  const ratio = now.y[i]! / before;
  if (ratio < 0.35 || ratio > 0.95) return false;
  return Math.abs(now.u[i]! - ratio * scene.u[i]!) < 6 && Math.abs(now.v[i]! - ratio * scene.v[i]!) < 6;
}

/**
 * Cuts shadow off a blob's box: columns left and right of the body in which only shadow lies, and the low rows in which
 * shadow is wider than the body. What may be shadow but lies within the body's columns (grey trousers) stays.
 */
export function withoutShadow(blob: Blob, { labels }: Labelled, now: Planes, scene: Planes): Box {
  const { box } = blob;
  const parts = new Set(blob.parts);
  const columns = new Uint16Array(width(box));
  const rows = new Uint16Array(height(box));
  let body = 0;
  for (let y = box.y0; y < box.y1; y++) {
    for (let x = box.x0; x < box.x1; x++) {
      const i = y * now.w + x;
      if (labels[i] === 0 || !parts.has(labels[i]!) || mayBeShadow(now, scene, i)) continue;
      columns[x - box.x0] = columns[x - box.x0]! + 1;
      rows[y - box.y0] = rows[y - box.y0]! + 1;
      body++;
    }
  }
  if (body < 0.45 * blob.area) return box;
  const least = Math.max(1, 0.06 * height(box));
  const x0 = box.x0 + columns.findIndex((count) => count >= least);
  const x1 = box.x0 + columns.findLastIndex((count) => count >= least) + 1;
  const narrower = x1 - x0 < 0.86 * width(box);
  const low = box.y0 + rows.findLastIndex((count) => count >= Math.max(1, 0.05 * width(box))) + 1;
  const flat = box.y1 - low < 0.16 * height(box);
  return narrower || flat ? { x0, y0: box.y0, x1, y1: flat ? low : box.y1 } : box;
}
