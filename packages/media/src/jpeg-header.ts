import type { ImageHeader } from "./image-header.ts";

const SOF0 = 0xc0;
const SOS = 0xda;
const EOI = Buffer.from([0xff, 0xd9]);

/** What the bytes of a JPEG say about it. */
export interface JpegHeader extends ImageHeader {
  /** Baseline (SOF0) with 8 bits a sample, all of it in one scan: the decoder goes over it once. */
  plain: boolean;
}

/**
 * Reads a JPEG's size from its frame header (ITU-T T.81, B.2.2). Whole: an EOI marker follows the first scan's start;
 * bytes that are no markers are left to the decoder to refuse.
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader {
  let size: ImageHeader["size"] = null;
  let components = 0;
  let offset = 2;
  while (offset + 4 <= bytes.length) {
    const marker = bytes[offset + 1]!;
    if (bytes[offset] !== 0xff || marker === 0xd9) return { size, whole: true, plain: false };
    if (marker === 0xff || isAlone(marker)) {
      offset += marker === 0xff ? 1 : 2;
      continue;
    }
    if (isFrameHeader(marker) && offset + 10 <= bytes.length) {
      const height = uint16(bytes, offset + 5);
      const width = uint16(bytes, offset + 7);
      size = width > 0 && height > 0 ? { width, height } : null;
      components = marker === SOF0 && bytes[offset + 4] === 8 ? bytes[offset + 9]! : 0;
    }
    if (marker === SOS) {
      const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf(EOI) > offset;
      return { size, whole, plain: components > 0 && hasAll(bytes, offset, components) };
    }
    offset += 2 + Math.max(2, uint16(bytes, offset + 2));
  }
  return { size, whole: false, plain: false };
}

/** Whether the scan that begins there has every component (B.2.3). */
function hasAll(bytes: Uint8Array, offset: number, components: number): boolean {
  return bytes[offset + 4] === components && uint16(bytes, offset + 2) === 6 + 2 * components;
}

/** Where the first JPEG in `bytes` ends (one past its EOI), or null when its end is not there yet. */
export function findJpegEnd(bytes: Buffer): number | null {
  let offset = 2;
  while (offset + 4 <= bytes.length) {
    if (bytes[offset + 1] === SOS) {
      const end = bytes.indexOf(EOI, offset + 2);
      return end === -1 ? null : end + 2;
    }
    offset += 2 + bytes.readUInt16BE(offset + 2);
  }
  return null;
}

/** SOF0..SOF15 without DHT (C4), JPG (C8) and DAC (CC), which share the range. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Markers without a length: TEM, RST0..RST7, SOI. */
function isAlone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

function uint16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}
