import type { Workspace } from "./workspace.ts";

/** Size of a mask, pixels. */
export interface Size {
  w: number;
  h: number;
}

/** Share of an edge's contrast that a pixel must have. */
const leastOfEdge = 0.38;

/** Fills gaps of at most `across` pixels in rows and `down` pixels in columns between marked pixels; never grows outwards. */
export function closeGaps(
  mask: Uint8Array,
  { w, h }: Size,
  gaps: { across: number; down: number },
  workspace: Workspace,
): Uint8Array {
  const out = workspace.copyOf(mask);
  if (gaps.down > 0) for (let x = 0; x < w; x++) fillLine(out, x, w, h, gaps.down);
  if (gaps.across > 0) for (let y = 0; y < h; y++) fillLine(out, y * w, 1, w, gaps.across);
  return out;
}

function fillLine(mask: Uint8Array, from: number, step: number, count: number, gap: number): void {
  let last = -1;
  for (let k = 0; k < count; k++) {
    if (mask[from + k * step] === 0) continue;
    if (last >= 0 && k - last > 1 && k - last - 1 <= gap) for (let g = last + 1; g < k; g++) mask[from + g * step] = 1;
    last = k;
  }
}

/** Share of the pixels that are marked. */
export function share(mask: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < mask.length; i++) count += mask[i]!;
  return count / mask.length;
}

/** Removes marked pixels with fewer than `least` marked neighbours of eight. */
export function removeSpecks(mask: Uint8Array, { w, h }: Size, least: number, workspace: Workspace): void {
  const before = workspace.copyOf(mask);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const i = y * w + x;
      if (before[i] === 1 && neighbours(before, w, h, x, y) < least) mask[i] = 0;
    }
  }
}

function neighbours(mask: Uint8Array, w: number, h: number, x: number, y: number): number {
  let count = -1;
  for (let yy = Math.max(0, y - 1); yy <= Math.min(h - 1, y + 1); yy++)
    for (let xx = Math.max(0, x - 1); xx <= Math.min(w - 1, x + 1); xx++) count += mask[yy * w + xx]!;
  return count;
}

/**
 * Drops marked pixels that differ much less than the strongest pixel within two: the blurred rim of an edge and the
 * ringing of JPEG around it. An edge lies where half of the contrast is reached.
 */
export function trimRims(mask: Uint8Array, strength: Float32Array, { w, h }: Size, workspace: Workspace): Uint8Array {
  const out = workspace.copyOf(mask);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const i = y * w + x;
      if (mask[i] === 1 && strength[i]! < leastOfEdge * strongest(strength, w, h, x, y)) out[i] = 0;
    }
  }
  return out;
}

function strongest(strength: Float32Array, w: number, h: number, x: number, y: number): number {
  let most = 0;
  for (let yy = Math.max(0, y - 2); yy <= Math.min(h - 1, y + 2); yy++)
    for (let xx = Math.max(0, x - 2); xx <= Math.min(w - 1, x + 2); xx++)
      if (strength[yy * w + xx]! > most) most = strength[yy * w + xx]!;
  return most;
}
