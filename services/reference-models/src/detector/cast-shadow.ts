import { type Blob, type Box, height, type Labelled } from "./blobs.ts";
import type { Planes } from "./difference.ts";
import { mayBeShadow } from "./shadow.ts";

/** Highest a shadow on the ground may reach, in heights of its object: cameras look down at a shallow angle. */
const highestReach = 0.3;

/** Thickest that a shadow on the ground may be in one column, in heights of its object. */
const thickest = 0.22;

/**
 * Takes the shadow on the ground out of the mask: runs of shadow in the lowest third of a column, with nothing but the
 * ground below them, thin beside their object's height. Grey trousers are thicker than that and stay.
 * @returns whether there was any
 */
export function clearCastShadows(mask: Uint8Array, { labels, blobs }: Labelled, now: Planes, scene: Planes): boolean {
  let cleared = false;
  for (const blob of blobs) {
    if (height(blob.box) < 8) continue;
    for (let x = blob.box.x0; x < blob.box.x1; x++) clearColumn(x, blob);
  }
  return cleared;

  function clearColumn(x: number, { box, parts }: Blob): void {
    const { most, top } = limits(box);
    let y = lowest(x, box, parts[0]!);
    const from = y;
    while (y >= top && labels[y * now.w + x] === parts[0] && mayBeShadow(now, scene, y * now.w + x)) y--;
    if (from === y || from - y > most) return;
    cleared = true;
    for (let at = y + 1; at <= from; at++) mask[at * now.w + x] = 0;
  }

  function lowest(x: number, box: Box, label: number): number {
    let y = box.y1 - 1;
    while (y >= box.y0 && labels[y * now.w + x] !== label) y--;
    return y;
  }
}

function limits(box: Box): { most: number; top: number } {
  const high = height(box);
  return { most: Math.max(3, thickest * high), top: box.y1 - highestReach * high };
}
