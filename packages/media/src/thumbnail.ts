import { sniffMediaType } from "./media-type.ts";
import { decodePicture } from "./open-picture.ts";
import { thumbnailOfPlainJpeg } from "./plain-jpeg.ts";

const QUALITY = 70;

/**
 * A small JPEG (quality 70) of a checked picture, its long side at most `max_side` pixels; never enlarged.
 * It shows the pixels as sent and carries no orientation, so that boxes fit it. Transparency becomes black.
 * @throws {NotAnImageError} when the picture does not decode
 */
export async function thumbnail(
  bytes: Uint8Array,
  { max_side = 320 }: { max_side?: number } = {},
): Promise<Uint8Array> {
  const options = { side: max_side, quality: QUALITY };
  const plain = sniffMediaType(bytes) === "image/jpeg" ? await thumbnailOfPlainJpeg(bytes, options) : null;
  return (
    plain ??
    decodePicture(bytes, (picture) =>
      picture
        .resize(max_side, max_side, { fit: "inside", withoutEnlargement: true })
        .flatten()
        .jpeg({ quality: QUALITY })
        .toBuffer(),
    )
  );
}
