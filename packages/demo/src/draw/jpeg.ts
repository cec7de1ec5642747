import sharp from "sharp";
import type { Picture } from "./picture.ts";

/** Encodes a picture as JPEG, quality 80; its EXIF description says that it was not taken by a real camera. */
export async function encodeJpeg({ width, height, rgb }: Picture): Promise<Uint8Array> {
  return await sharp(rgb, { raw: { width, height, channels: 3 } })
    .withExif({ IFD0: { ImageDescription: "Simulated camera, not a real place", Software: "Gatehouse demo" } })
    .jpeg({ quality: 80 })
    .toBuffer();
}
