import {
  FrameTooLargeError,
  NotAnImageError,
  TooManyPixelsError,
  TruncatedImageError,
  UnsupportedMediaError,
} from "./errors.ts";
import { readImageHeader } from "./image-header.ts";
import {
  declaredMediaType,
  MAX_IMAGE_BYTES,
  MAX_PIXELS,
  type MediaType,
  sniffForeignMediaType,
  sniffMediaType,
} from "./media-type.ts";

/** What a picture says it is. */
export interface ImageFacts {
  media_type: MediaType;
  /** Pixels as sent; an EXIF orientation is not applied. Boxes refer to this grid. */
  width: number;
  height: number;
}

export interface InspectImageOptions {
  /** The declared media type (`content-type`); missing or `application/octet-stream`: only the content counts. */
  declared?: string | undefined;
  /** Default `MAX_PIXELS`. */
  max_pixels?: number | undefined;
}

/**
 * Reads what a picture from outside is, without decoding it: its size in bytes, its type, its pixels, and that its end
 * is there. Bytes after a JPEG's end do not count. Microseconds; damage in between is the decoder's to find.
 * @throws {FrameTooLargeError | NotAnImageError | UnsupportedMediaError | TooManyPixelsError | TruncatedImageError}
 */
export function inspectImage(
  bytes: Uint8Array,
  { declared, max_pixels = MAX_PIXELS }: InspectImageOptions = {},
): ImageFacts {
  const media_type = checkType(bytes, declared);
  return { media_type, ...checkHeader(bytes, media_type, max_pixels) };
}

function checkType(bytes: Uint8Array, declared: string | undefined): MediaType {
  if (bytes.length > MAX_IMAGE_BYTES) {
    throw new FrameTooLargeError(
      `Cannot read image as it must be at most ${MAX_IMAGE_BYTES} bytes: current length is ${bytes.length}`,
      { facts: { bytes: bytes.length } },
    );
  }
  const media_type = sniffMediaType(bytes);
  if (media_type === null) throw refuseContent(bytes);
  const said = declaredMediaType(declared);
  if (said !== null && said !== media_type) {
    throw new UnsupportedMediaError(
      `Cannot read image as its content must be what was declared, "${said}": current content is ${media_type}`,
      { facts: { declared: said, media_type } },
    );
  }
  return media_type;
}

function refuseContent(bytes: Uint8Array): Error {
  const foreign = sniffForeignMediaType(bytes);
  if (foreign !== null) {
    return new UnsupportedMediaError(
      `Cannot read image as it must be JPEG, PNG or WebP: current content is ${foreign}`,
      {
        facts: { media_type: foreign },
      },
    );
  }
  const start = Buffer.from(bytes.subarray(0, 12)).toString("hex");
  return new NotAnImageError(
    `Cannot read image as it must begin with the signature of JPEG, PNG or WebP: current ${bytes.length} bytes begin with "${start}"`,
    { facts: { bytes: bytes.length } },
  );
}

function checkHeader(bytes: Uint8Array, media_type: MediaType, max_pixels: number): { width: number; height: number } {
  const { size, whole } = readImageHeader(bytes, media_type);
  if (size !== null && size.width * size.height > max_pixels) {
    throw new TooManyPixelsError(
      `Cannot read image as it must have at most ${max_pixels} pixels: its header says ${size.width}x${size.height}`,
      { facts: { ...size, max_pixels } },
    );
  }
  if (!whole) {
    throw new TruncatedImageError(
      `Cannot read image as its ${media_type} content ends after ${bytes.length} bytes, before its end`,
      {
        facts: { media_type, bytes: bytes.length },
      },
    );
  }
  if (size === null) {
    throw new NotAnImageError(`Cannot read image as its ${media_type} header must say width and height: it says none`, {
      facts: { media_type, bytes: bytes.length },
    });
  }
  return size;
}
