import { fraction, smoothNoise } from "../random.ts";

/** A factor on the colour at a pixel, about 1. */
export type Texture = (x: number, y: number) => number;

/** Blotches of about `size_px`, wider than high, with a fine grain: lawn, gravel, asphalt, plaster. */
export function rough(
  seed: number,
  { size_px, depth, grain }: { size_px: number; depth: number; grain: number },
): Texture {
  return (x, y) =>
    1 + depth * (smoothNoise(x / size_px, (y * 1.8) / size_px, seed) - 0.5) + grain * (fraction(x, y, seed + 1) - 0.5);
}

/** Horizontal boards, each with a dark lower edge. */
export function boards(seed: number, pitch_px: number): Texture {
  return (x, y) => {
    const within = (y / pitch_px) % 1;
    const board = Math.floor(y / pitch_px);
    const tone = 0.97 + 0.06 * fraction(board, seed);
    return (within > 0.86 ? 0.82 : 1) * tone + 0.04 * (smoothNoise(x / 40, y / 3, seed) - 0.5);
  };
}

/** Upright planks, each with a dark joint and its own tone. */
export function planks(seed: number, pitch_px: number): Texture {
  return (x, y) => {
    const plank = Math.floor(x / pitch_px);
    const joint = (x / pitch_px) % 1 > 0.88 ? 0.7 : 1;
    return joint * (0.88 + 0.24 * fraction(plank, seed)) + 0.12 * (smoothNoise(x / 3, y / 30, seed) - 0.5);
  };
}

/** Bricks or slabs in rows, every other row moved by half, with joints. */
export function bricks(seed: number, wide_px: number, high_px: number, joint = 1.22): Texture {
  return (x, y) => {
    const row = Math.floor(y / high_px);
    const along = x / wide_px + (row % 2) / 2;
    const inJoint = (y / high_px) % 1 < 0.16 || along % 1 < 0.09;
    return inJoint ? joint : 0.86 + 0.26 * fraction(Math.floor(along), row, seed) + 0.06 * (fraction(x, y, seed) - 0.5);
  };
}

/** Light from above that fades downwards between two rows. */
export function fade(top_px: number, bottom_px: number, from: number, to: number): Texture {
  return (_x, y) => from + (to - from) * Math.min(1, Math.max(0, (y - top_px) / (bottom_px - top_px)));
}
