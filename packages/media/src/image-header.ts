import { readJpegHeader } from "./jpeg-header.ts";
import type { MediaType } from "./media-type.ts";
import { readPngHeader } from "./png-header.ts";
import { readWebpHeader } from "./webp-header.ts";

/** What the bytes of a picture say about it before anything is decoded. */
export interface ImageHeader {
  /** Pixels as sent: an EXIF orientation is not applied. Null when the bytes end before the size, or announce none. */
  size: { width: number; height: number } | null;
  /** Whether the format's own end is there (JPEG: EOI; PNG: IEND; WebP: as many bytes as RIFF says). */
  whole: boolean;
}

const readers: Record<MediaType, (bytes: Uint8Array) => ImageHeader> = {
  "image/jpeg": readJpegHeader,
  "image/png": readPngHeader,
  "image/webp": readWebpHeader,
};

/** Reads size and wholeness by walking over the picture's segments; microseconds, never throws. */
export function readImageHeader(bytes: Uint8Array, media_type: MediaType): ImageHeader {
  return readers[media_type](bytes);
}
