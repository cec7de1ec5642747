import type { Sharp } from "sharp";
import type { ImageFacts } from "./inspect-image.ts";
import { decodePicture } from "./open-picture.ts";
import { grayOfPlainJpeg } from "./plain-jpeg.ts";

/** The long side of a `GrayImage` of a larger picture, in pixels. */
const GRAY_SIDE = 160;

/** A small luma picture, row by row: what motion and quality gates look at. */
export interface GrayImage {
  width: number;
  height: number;
  /** `width * height` values, 0 black .. 255 white. */
  pixels: Uint8Array;
}

export interface DecodeGrayOptions {
  /** Default `MAX_PIXELS`. */
  max_pixels?: number | undefined;
  /** Looked at before and after decoding; the decoder itself ends after 10 s at most. */
  signal?: AbortSignal | undefined;
}

/**
 * Decodes a whole picture once into its small luma picture (long side at most 160; smaller ones keep their size).
 * Luma as in ITU-R BT.601 (0.299 R + 0.587 G + 0.114 B).
 * @throws {NotAnImageError} when it does not decode
 */
export async function decodeGray(
  bytes: Uint8Array,
  { media_type }: ImageFacts,
  { max_pixels, signal }: DecodeGrayOptions = {},
): Promise<GrayImage> {
  signal?.throwIfAborted();
  const plain = media_type === "image/jpeg" ? await grayOfPlainJpeg(bytes, GRAY_SIDE) : null;
  const gray = plain ?? (await shrunkToGray(bytes, max_pixels));
  signal?.throwIfAborted();
  return gray;
}

/** A JPEG is shrunk while it is decoded. Luma is computed here: libvips' own conversion costs 1.5 ms more. */
async function shrunkToGray(bytes: Uint8Array, max_pixels: number | undefined): Promise<GrayImage> {
  const small = (picture: Sharp) =>
    picture
      .resize(GRAY_SIDE, GRAY_SIDE, { fit: "inside", kernel: "linear", withoutEnlargement: true })
      .raw()
      .toBuffer({ resolveWithObject: true });
  const { data, info } = await decodePicture(bytes, small, max_pixels);
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
