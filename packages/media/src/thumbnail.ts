import { openPicture } from "./open-picture.ts";

/**
 * A small JPEG (quality 70) of a checked picture, its long side at most `max_side` pixels; never enlarged.
 * It shows the pixels as sent and carries no orientation, so that boxes fit it. Transparency becomes black.
 */
export async function thumbnail(
  bytes: Uint8Array,
  { max_side = 320 }: { max_side?: number } = {},
): Promise<Uint8Array> {
  return openPicture(bytes)
    .resize(max_side, max_side, { fit: "inside", withoutEnlargement: true })
    .flatten()
    .jpeg({ quality: 70 })
    .toBuffer();
}
