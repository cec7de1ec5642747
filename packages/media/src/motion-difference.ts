import type { GrayImage } from "./gray-image.ts";
import type { MotionState } from "./motion-state.ts";

/** How a frame differs from the background. */
export interface MotionDifference {
  /** The whole picture's change of brightness (median difference), luma steps; taken out of everything else. */
  brightness_shift: number;
  /** 1 where a pixel and at least two of its eight neighbours changed, else 0. */
  changed: Uint8Array;
  /** Share of changed pixels, 0..1. */
  changed_fraction: number;
}

/** How much a pixel must differ to count, in luma steps and in multiples of the frame's own noise. */
export interface DifferenceLimits {
  min_difference: number;
  max_difference: number;
  noise_factor: number;
}

/**
 * Compares a frame with the background. The limit follows the frame's noise: its standard deviation is taken from the
 * median absolute difference (x 1.4826, the factor for a normal distribution), which moving things hardly touch.
 */
export function differ(state: MotionState, gray: GrayImage, limits: DifferenceLimits): MotionDifference {
  const differences = new Int16Array(gray.pixels.length);
  const histogram = new Uint32Array(511);
  for (let i = 0; i < differences.length; i++) {
    const difference = gray.pixels[i]! - ((state.background[i]! + 128) >> 8);
    differences[i] = difference;
    histogram[difference + 255]!++;
  }
  const brightness_shift = medianIndex(histogram, differences.length) - 255;
  const noise = noiseOf(histogram, brightness_shift, differences.length);
  const limit = Math.min(limits.max_difference, Math.max(limits.min_difference, limits.noise_factor * noise));
  const raw = new Uint8Array(differences.length);
  for (let i = 0; i < raw.length; i++) raw[i] = Math.abs(differences[i]! - brightness_shift) > limit ? 1 : 0;
  const changed = keepClusters(raw, gray.width, gray.height);
  let count = 0;
  for (const one of changed) count += one;
  return { brightness_shift, changed, changed_fraction: count / changed.length };
}

/** Standard deviation of the differences around their median, from a histogram of differences (-255..255). */
function noiseOf(histogram: Uint32Array, shift: number, count: number): number {
  const absolute = new Uint32Array(511);
  for (let i = 0; i < histogram.length; i++) absolute[Math.abs(i - 255 - shift)]! += histogram[i]!;
  return 1.4826 * medianInterpolated(absolute, count);
}

function medianIndex(histogram: Uint32Array, count: number): number {
  let seen = 0;
  for (let i = 0; i < histogram.length; i++) {
    seen += histogram[i]!;
    if (seen * 2 >= count) return i;
  }
  return 0;
}

/** Differences are whole numbers and noise is about one: a median without a fraction would be far too coarse. */
function medianInterpolated(absolute: Uint32Array, count: number): number {
  const index = medianIndex(absolute, count);
  let below = 0;
  for (let i = 0; i < index; i++) below += absolute[i]!;
  const from = index === 0 ? 0 : index - 0.5;
  const width = index === 0 ? 0.5 : 1;
  return from + (width * (count / 2 - below)) / absolute[index]!;
}

/** Drops what noise leaves: a changed pixel stays only with two changed neighbours. Pixels on the edge have fewer, and count alike. */
function keepClusters(raw: Uint8Array, width: number, height: number): Uint8Array {
  const kept = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) {
    if (raw[at] === 1 && neighbours(raw, at, width, height) >= 2) kept[at] = 1;
  }
  return kept;
}

function neighbours(raw: Uint8Array, at: number, width: number, height: number): number {
  const x = at % width;
  const y = (at - x) / width;
  let count = 0;
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++)
      count += raw[row * width + column]!;
  }
  return count - 1;
}
