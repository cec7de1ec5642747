import type { GrayImage } from "./gray-image.ts";

/**
 * How sharp a picture is: the variance of its Laplacian (4-neighbour kernel 0 1 0 / 1 -4 1 / 0 1 0, inner pixels).
 * Source: J. Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy: a comparative study", ICPR 2000.
 * Larger is sharper; 0 for a flat picture and for one with a side below 3. It sees the small picture, so a blur of
 * less than about one of its pixels (4 at 640x480) does not show, and sensor noise counts as sharpness.
 */
export function sharpness({ width, height, pixels }: GrayImage): number {
  const count = Math.max(0, width - 2) * Math.max(0, height - 2);
  if (count === 0) return 0;
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let at = y * width + 1, end = at + width - 2; at < end; at++) {
      const value = pixels[at - 1]! + pixels[at + 1]! + pixels[at - width]! + pixels[at + width]! - 4 * pixels[at]!;
      sum += value;
      squares += value * value;
    }
  }
  const mean = sum / count;
  return squares / count - mean * mean;
}
