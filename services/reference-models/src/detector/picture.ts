import sharp from "sharp";
import { NotAnImageError, TooManyPixelsError } from "../errors.ts";
import { PicturePool } from "./picture-pool.ts";

/** A picture at working size: luma and two colour differences, one float per pixel, row by row. */
export interface Picture {
  /** Size of the picture as it was sent, pixels. */
  sent: { width: number; height: number };
  w: number;
  h: number;
  y: Float32Array;
  u: Float32Array;
  v: Float32Array;
}

/** Most pixels that a picture may have before it is decoded. */
export const maxPixels = 50_000_000;

/** Working size: half the sent size, the long side kept within 320..480, never enlarged. */
export function workingSize(width: number, height: number): { w: number; h: number } {
  const long = Math.max(width, height);
  const target = Math.min(long, Math.min(480, Math.max(320, Math.round(long / 2))));
  const fit = (side: number) => Math.max(1, Math.round((side * target) / long));
  return { w: fit(width), h: fit(height) };
}

/**
 * Decodes a JPEG, PNG or WebP to working size, into a picture of the pool; orientation tags are not applied, so boxes are
 * in stored pixels.
 * @throws {NotAnImageError} when the bytes are no whole picture @throws {TooManyPixelsError} before anything is decoded
 */
export async function decodePicture(bytes: Uint8Array, pool = new PicturePool()): Promise<Picture> {
  const { width, height, hasAlpha } = await readHeader(bytes);
  const { w, h } = workingSize(width, height);
  try {
    const small = sharp(bytes, { failOn: "truncated" }).resize(w, h, { fit: "fill", kernel: "linear" });
    if (hasAlpha) small.flatten({ background: "#808080" });
    const data = await small.toColourspace("srgb").raw().toBuffer();
    return fillPlanes(pool.take({ width, height }, w, h), data);
  } catch (cause) {
    throw new NotAnImageError(`Cannot decode image of ${bytes.length} bytes: its data is damaged or cut off`, {
      cause,
    });
  }
}

async function readHeader(bytes: Uint8Array): Promise<{ width: number; height: number; hasAlpha: boolean }> {
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((cause: unknown) => {
      throw new NotAnImageError(`Cannot read image of ${bytes.length} bytes: wanted JPEG, PNG or WebP`, { cause });
    });
  const { width, height, hasAlpha } = header;
  if (width * height > maxPixels)
    throw new TooManyPixelsError(
      `Cannot decode image as it must have at most ${maxPixels} pixels: current size is ${width}x${height}`,
    );
  return { width, height, hasAlpha };
}

/** A new picture of packed RGB. */
export function toPlanes(rgb: Uint8Array, sent: Picture["sent"], w: number, h: number): Picture {
  return fillPlanes(new PicturePool().take(sent, w, h), rgb);
}

/** Turns packed RGB (or grey) into luma and colour differences (BT.601 weights, centred on zero). */
function fillPlanes(picture: Picture, rgb: Uint8Array): Picture {
  const { y, u, v } = picture;
  const size = y.length;
  const channels = Math.round(rgb.length / size);
  for (let i = 0, p = 0; i < size; i++, p += channels) {
    const r = rgb[p]!;
    const g = channels < 3 ? r : rgb[p + 1]!;
    const b = channels < 3 ? r : rgb[p + 2]!;
    const luma = 0.299 * r + 0.587 * g + 0.114 * b;
    y[i] = luma;
    u[i] = 0.7 * (b - luma);
    v[i] = 0.9 * (r - luma);
  }
  return picture;
}
