import sharp, { type Sharp } from "sharp";
import { NotAnImageError } from "./errors.ts";
import { MAX_PIXELS, sniffMediaType } from "./media-type.ts";

/** A picture that takes longer than this to decode is given up, in the decoder itself. */
const DECODE_TIMEOUT_S = 10;

/**
 * Opens a picture for decoding: first page only, as sent (EXIF orientation and colour profile ignored), refusing a
 * truncated one. One libvips thread per picture and no cache, so that pictures in flight share the cores evenly.
 */
export function openPicture(bytes: Uint8Array, max_pixels = MAX_PIXELS): Sharp {
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp(bytes, {
    failOn: "truncated",
    sequentialRead: true,
    ignoreIcc: true,
    limitInputPixels: max_pixels,
  }).timeout({ seconds: DECODE_TIMEOUT_S });
}

/** Works on an opened picture. @throws {NotAnImageError} when it does not decode */
export async function decodePicture<T>(
  bytes: Uint8Array,
  work: (picture: Sharp) => Promise<T>,
  max_pixels?: number,
): Promise<T> {
  try {
    return await work(openPicture(bytes, max_pixels));
  } catch (cause) {
    const media_type = sniffMediaType(bytes);
    throw new NotAnImageError(
      `Cannot read image as its ${media_type} content does not decode: ${(cause as Error).message}`,
      { cause, facts: { media_type, bytes: bytes.length } },
    );
  }
}
