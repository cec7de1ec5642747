import { openPicture } from "./open-picture.ts";

/** The long side of a `GrayImage` of a larger picture, in pixels. */
const GRAY_SIDE = 160;

/** A small luma picture, row by row: what motion and quality gates look at. */
export interface GrayImage {
  width: number;
  height: number;
  /** `width * height` values, 0 black .. 255 white. */
  pixels: Uint8Array;
}

/**
 * Decodes a whole picture once into its small luma picture (long side at most 160; smaller ones keep their size).
 * A JPEG is shrunk while it is decoded (by up to 8), which spares most of the inverse transform.
 * Luma as in ITU-R BT.601 (0.299 R + 0.587 G + 0.114 B), computed here: libvips' own conversion costs 1.5 ms more.
 */
export async function decodeGray(bytes: Uint8Array, max_pixels?: number): Promise<GrayImage> {
  const { data, info } = await openPicture(bytes, max_pixels)
    .resize(GRAY_SIDE, GRAY_SIDE, { fit: "inside", kernel: "linear", withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: lumaOf(data, info.channels, info.width * info.height) };
}

function lumaOf(data: Uint8Array, channels: number, count: number): Uint8Array {
  const pixels = new Uint8Array(count);
  if (channels < 3) {
    for (let i = 0; i < count; i++) pixels[i] = data[i * channels]!;
    return pixels;
  }
  for (let i = 0, at = 0; i < count; i++, at += channels) {
    pixels[i] = (77 * data[at]! + 150 * data[at + 1]! + 29 * data[at + 2]! + 128) >> 8;
  }
  return pixels;
}
