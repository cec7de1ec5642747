import sharp from "sharp";
import { maxPixels } from "../detector/picture.ts";
import { NotAnImageError } from "../errors.ts";

/** Pixels of a side of the square that a picture is shrunk to. */
const SIDE = 64;
/** Steps of each of red, green and blue. */
const SHADES = 4;
/** Cells of a side, and directions of light and dark in each. */
const CELLS = 4;
const DIRECTIONS = 8;

const COLOURS = SHADES ** 3;

/** Length of a picture's vector. */
export const embeddingLength = COLOURS + CELLS * CELLS * DIRECTIONS;

/**
 * Describes a JPEG, PNG or WebP by two histograms as a unit vector: of its colours, and of the directions in which it gets
 * lighter, by place. Each is scaled by square roots, which compares histograms by Hellinger's distance.
 * @throws {NotAnImageError} when the bytes are no whole picture
 */
export async function embedPicture(bytes: Uint8Array): Promise<Float32Array> {
  const rgb = await shrink(bytes);
  const vector = new Float32Array(embeddingLength);
  countColours(rgb, vector.subarray(0, COLOURS));
  countDirections(rgb, vector.subarray(COLOURS));
  for (const part of [vector.subarray(0, COLOURS), vector.subarray(COLOURS)]) scale(part);
  return vector;
}

async function shrink(bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return await sharp(bytes, { failOn: "truncated", limitInputPixels: maxPixels })
      .resize(SIDE, SIDE, { fit: "fill", kernel: "linear" })
      .flatten({ background: "#808080" })
      .toColourspace("srgb")
      .removeAlpha()
      .raw()
      .toBuffer();
  } catch (cause) {
    throw new NotAnImageError(`Cannot embed image of ${bytes.length} bytes: wanted a whole JPEG, PNG or WebP`, {
      cause,
    });
  }
}

function countColours(rgb: Uint8Array, counts: Float32Array): void {
  const step = (value: number) => Math.floor((value * SHADES) / 256);
  for (let at = 0; at < rgb.length; at += 3) {
    const colour = (step(rgb[at]!) * SHADES + step(rgb[at + 1]!)) * SHADES + step(rgb[at + 2]!);
    counts[colour] = counts[colour]! + 1;
  }
}

/** How strongly it gets lighter towards each direction, in each cell. */
function countDirections(rgb: Uint8Array, counts: Float32Array): void {
  const light = (x: number, y: number) => {
    const at = (y * SIDE + x) * 3;
    return 0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!;
  };
  const cell = SIDE / CELLS;
  for (let y = 1; y < SIDE - 1; y++)
    for (let x = 1; x < SIDE - 1; x++) {
      const right = light(x + 1, y) - light(x - 1, y);
      const down = light(x, y + 1) - light(x, y - 1);
      const turn = (Math.atan2(down, right) / (2 * Math.PI) + 1) % 1;
      const direction = Math.floor(turn * DIRECTIONS) % DIRECTIONS;
      const at = (Math.floor(y / cell) * CELLS + Math.floor(x / cell)) * DIRECTIONS + direction;
      counts[at] = counts[at]! + Math.hypot(right, down);
    }
}

/** Square roots, as a vector of half the square length, so that two parts make a unit vector; all zeros become all alike. */
function scale(part: Float32Array): void {
  let sum = part.reduce((total, value) => total + value, 0);
  if (sum === 0) sum = part.fill(1).length;
  for (let at = 0; at < part.length; at++) part[at] = Math.sqrt(part[at]! / sum / 2);
}
