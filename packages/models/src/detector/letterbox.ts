import sharp from "sharp";
import { type Fault, shown } from "../calling/faults.ts";
import { ModelRefusedError } from "../errors.ts";
import type { Picture } from "./detector.ts";

/** Width and height in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** Where the picture lies in a tensor, in the tensor's pixels, `x, y` the top left; around it is padding. */
export interface Place extends Size {
  x: number;
  y: number;
}

/** A picture as a tensor. */
export interface Letterbox {
  /** NCHW, `[1, 3, height, width]`: red, green, blue, each 0..1. */
  data: Float32Array;
  shape: [1, 3, number, number];
  place: Place;
}

/** The grey of the padding, of 255, as YOLO models are trained with (Ultralytics' `LetterBox`). */
const GREY = 114;
const MOST_PIXELS = 50_000_000;
const DECODE_TIMEOUT_S = 10;

/**
 * Decodes a picture and fits it into a tensor with its proportions kept and grey on two sides. Pixels as stored: an
 * orientation tag is not applied; what is transparent becomes grey.
 * @throws {ModelRefusedError} when the bytes are no whole picture of at most 50 megapixels
 */
export async function letterbox(picture: Picture, size: Size, fault: Fault): Promise<Letterbox> {
  const place = placeOf(picture, size);
  const rgb = await decode(picture.bytes, place).catch((cause: Error) => {
    throw fault(ModelRefusedError, `the picture must decode: current state is ${shown(cause.message)}`, { cause });
  });
  return { data: planes(rgb, place, size), shape: [1, 3, size.height, size.width], place };
}

/** Where a picture comes to lie: as large as fits, in the middle; an odd pixel of padding goes to the right or the bottom. */
export function placeOf(picture: Size, size: Size): Place {
  const scale = Math.min(size.width / picture.width, size.height / picture.height);
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  return { x: Math.floor((size.width - width) / 2), y: Math.floor((size.height - height) / 2), width, height };
}

async function decode(bytes: Uint8Array, { width, height }: Size): Promise<Uint8Array> {
  const { data, info } = await sharp(bytes, {
    failOn: "truncated",
    sequentialRead: true,
    ignoreIcc: true,
    limitInputPixels: MOST_PIXELS,
  })
    .timeout({ seconds: DECODE_TIMEOUT_S })
    .resize(width, height, { fit: "fill", kernel: "linear" })
    .flatten({ background: { r: GREY, g: GREY, b: GREY } })
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new TypeError(`Cannot use a picture of ${info.channels} channels: wanted 3`);
  return data;
}

/** Rows of packed RGB at their place in three planes; the rest is grey. */
function planes(rgb: Uint8Array, place: Place, size: Size): Float32Array {
  const plane = size.width * size.height;
  const data = new Float32Array(3 * plane).fill(GREY / 255);
  let from = 0;
  for (let row = 0; row < place.height; row++) {
    let to = (place.y + row) * size.width + place.x;
    for (let column = 0; column < place.width; column++, to++, from += 3) {
      data[to] = rgb[from]! / 255;
      data[to + plane] = rgb[from + 1]! / 255;
      data[to + 2 * plane] = rgb[from + 2]! / 255;
    }
  }
  return data;
}
