import type { ImageHeader } from "./image-header.ts";

const IHDR = 0x49484452;
const IEND = 0x49454e44;

/** Reads a PNG's size from IHDR and walks its chunks (W3C PNG, 5). Whole: every chunk up to IEND is there, with its checksum. */
export function readPngHeader(bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let size: ImageHeader["size"] = null;
  for (let offset = 8; offset + 8 <= bytes.length; ) {
    const length = view.getUint32(offset);
    const type = view.getUint32(offset + 4);
    if (offset === 8 && type === IHDR && bytes.length >= 24) size = sizeOf(view.getUint32(16), view.getUint32(20));
    const end = offset + 12 + length;
    if (type === IEND) return { size, whole: end <= bytes.length };
    offset = end;
  }
  return { size, whole: false };
}

function sizeOf(width: number, height: number): ImageHeader["size"] {
  return width > 0 && height > 0 ? { width, height } : null;
}
