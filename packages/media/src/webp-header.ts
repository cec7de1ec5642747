import type { ImageHeader } from "./image-header.ts";

/**
 * Reads a WebP's size from its first chunk (RFC 9649: `VP8 `, `VP8L`, or the canvas in `VP8X`, also when animated).
 * Whole: there are as many bytes as RIFF says.
 */
export function readWebpHeader(bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { size: readSize(view), whole: bytes.length >= 20 && bytes.length >= 8 + view.getUint32(4, true) };
}

function readSize(view: DataView): ImageHeader["size"] {
  if (view.byteLength < 30) return null;
  const chunk = String.fromCharCode(...[12, 13, 14, 15].map((at) => view.getUint8(at)));
  if (chunk === "VP8X") return { width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) };
  if (chunk === "VP8L") {
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  if (chunk !== "VP8 ") return null;
  const width = view.getUint16(26, true) & 0x3fff;
  const height = view.getUint16(28, true) & 0x3fff;
  return width > 0 && height > 0 ? { width, height } : null;
}

function uint24(view: DataView, offset: number): number {
  return view.getUint16(offset, true) | (view.getUint8(offset + 2) << 16);
}
