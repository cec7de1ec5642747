import type { Box } from "@gatehouse/events";
import sharp from "sharp";
import type { Picture } from "../detector/detector.ts";

const QUALITY = 90;
const MOST_PIXELS = 50_000_000;
const DECODE_TIMEOUT_S = 10;

/**
 * The part of a picture in a box, as a JPEG: all pixels that the box touches, at least one. Pixels as stored: an
 * orientation tag is not applied.
 * @throws {Error} of the decoder, when the bytes are no whole picture
 */
export async function cutOut(picture: Picture, box: Box): Promise<Picture> {
  const across = span(box.x, box.w, picture.width);
  const down = span(box.y, box.h, picture.height);
  const area = { left: across.start, width: across.length, top: down.start, height: down.length };
  const bytes = await sharp(picture.bytes, { failOn: "truncated", ignoreIcc: true, limitInputPixels: MOST_PIXELS })
    .timeout({ seconds: DECODE_TIMEOUT_S })
    .extract(area)
    .jpeg({ quality: QUALITY })
    .toBuffer();
  return { ...picture, bytes, media_type: "image/jpeg", width: area.width, height: area.height };
}

/** Whole pixels of one side. What rounding adds to a share is no pixel. */
function span(from: number, length: number, whole: number): { start: number; length: number } {
  const start = Math.min(Math.floor(from * whole + 1e-6), whole - 1);
  const end = Math.min(Math.max(Math.ceil((from + length) * whole - 1e-6), start + 1), whole);
  return { start, length: end - start };
}
