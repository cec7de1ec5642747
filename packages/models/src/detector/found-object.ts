import type { FoundObject } from "./detector.ts";

/** A box in pixels of the picture as sent, top left. */
export interface PixelBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Clips a box to the picture and normalises it to 0..1. `null` when it lies wholly outside or has a negative size. */
export function normalisedBox(
  { x, y, width, height }: PixelBox,
  picture: { width: number; height: number },
): FoundObject["box"] | null {
  const across = span(x, width, picture.width);
  const down = span(y, height, picture.height);
  return across && down ? { x: across.start, y: down.start, w: across.length, h: down.length } : null;
}

/** One side of the box as a share of `whole`; rounding never leads beyond 1. */
function span(start: number, length: number, whole: number): { start: number; length: number } | null {
  const from = Math.max(start, 0);
  const to = Math.min(start + length, whole);
  if (length < 0 || to < from || (to === from && length > 0)) return null;
  return { start: from / whole, length: Math.min((to - from) / whole, 1 - from / whole) };
}
