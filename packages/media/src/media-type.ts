/** The kinds of picture that are taken. */
export type MediaType = "image/jpeg" | "image/png" | "image/webp";

/** The most bytes that one encoded picture may have, on every door. */
export const MAX_IMAGE_BYTES = 8 * 1024 * 1024;

/** The most pixels (width x height, from the header) that are decoded. */
export const MAX_PIXELS = 50_000_000;

const JPEG = [0xff, 0xd8, 0xff];
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * The kind of picture by its whole signature: JPEG `FF D8 FF`, PNG its 8 bytes, WebP `RIFF....WEBP`.
 * Looks at no more than 12 bytes and decodes nothing; null for everything else.
 */
export function sniffMediaType(bytes: Uint8Array): MediaType | null {
  if (startsWith(bytes, JPEG)) return "image/jpeg";
  if (startsWith(bytes, PNG)) return "image/png";
  if (hasText(bytes, 0, "RIFF") && hasText(bytes, 8, "WEBP")) return "image/webp";
  return null;
}

/**
 * The name of a well-known kind of picture or video that is *not* taken ("image/gif", …), or null: makes the
 * difference between UNSUPPORTED_MEDIA and NOT_AN_IMAGE. Text (SVG too) has no signature and is not an image.
 */
export function sniffForeignMediaType(bytes: Uint8Array): string | null {
  if (hasText(bytes, 0, "GIF87a") || hasText(bytes, 0, "GIF89a")) return "image/gif";
  if (startsWith(bytes, [0x49, 0x49, 0x2a, 0x00]) || startsWith(bytes, [0x4d, 0x4d, 0x00, 0x2a])) return "image/tiff";
  if (hasText(bytes, 4, "ftypavif") || hasText(bytes, 4, "ftypavis")) return "image/avif";
  if (hasText(bytes, 4, "ftyphei") || hasText(bytes, 4, "ftypmif1")) return "image/heic";
  if (hasText(bytes, 4, "ftyp")) return "video/mp4";
  if (startsWith(bytes, [0xff, 0x0a]) || hasText(bytes, 4, "JXL ")) return "image/jxl";
  if (hasText(bytes, 0, "BM") && bytes.length > 26 && bytes[15] === 0 && bytes[16] === 0) return "image/bmp";
  return null;
}

/**
 * What a declared `content-type` says, in one spelling: lower case, no parameters, `image/jpg` is `image/jpeg`.
 * Null when nothing is declared, which is what an empty one and `application/octet-stream` mean.
 */
export function declaredMediaType(declared: string | undefined): string | null {
  const type = (declared ?? "").split(";", 1)[0]!.trim().toLowerCase();
  if (type === "" || type === "application/octet-stream") return null;
  return type === "image/jpg" || type === "image/pjpeg" ? "image/jpeg" : type;
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return bytes.length >= prefix.length && prefix.every((byte, index) => bytes[index] === byte);
}

function hasText(bytes: Uint8Array, offset: number, text: string): boolean {
  if (bytes.length < offset + text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[offset + i] !== text.charCodeAt(i)) return false;
  return true;
}
