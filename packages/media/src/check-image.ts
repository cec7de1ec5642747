import { hash } from "node:crypto";
import { decodeGray, type GrayImage } from "./gray-image.ts";
import { type ImageFacts, type InspectImageOptions, inspectImage } from "./inspect-image.ts";

/** A picture that was decoded wholly, once. */
export interface CheckedImage extends ImageFacts {
  /** Of the bytes as sent, 64 hex digits. */
  sha256: string;
  gray: GrayImage;
}

export interface CheckImageOptions extends InspectImageOptions {
  /** Looked at before and after decoding; the decoder itself ends after 10 s at most. */
  signal?: AbortSignal | undefined;
}

/**
 * Checks a picture from outside and decodes it once, wholly: what `inspectImage` looks at, and only then the decoder.
 * Of an animated WebP the first frame counts.
 * @throws what `inspectImage` and `decodeGray` throw
 */
export async function checkImage(bytes: Uint8Array, options: CheckImageOptions = {}): Promise<CheckedImage> {
  options.signal?.throwIfAborted();
  const image = inspectImage(bytes, options);
  const gray = await decodeGray(bytes, image, options);
  return { ...image, sha256: hash("sha256", bytes), gray };
}
