import { createHash } from "node:crypto";
import sharp from "sharp";
import { expect, test } from "vitest";
import { checkImage } from "./check-image.ts";
import { renderColour } from "./testing/pictures.ts";

const encoders = {
  "image/jpeg": () => renderColour(640, 480).jpeg({ quality: 90 }).toBuffer(),
  "image/png": () => renderColour(640, 480).png().toBuffer(),
  "image/webp": () => renderColour(640, 480).webp().toBuffer(),
};

test.each(Object.entries(encoders))("checkImage() says what a picture of %s is", async (media_type, encode) => {
  const bytes = await encode();
  const facts = await checkImage(bytes, { declared: media_type });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  expect(facts).toMatchObject({ media_type, width: 640, height: 480, sha256, gray: { width: 160, height: 120 } });
  expect(facts.gray.pixels).toHaveLength(160 * 120);
});

test.each([
  ["lossless WebP", () => renderColour(300, 200).webp({ lossless: true }).toBuffer()],
  ["WebP with alpha", () => renderColour(300, 200).ensureAlpha(0.5).webp().toBuffer()],
  ["progressive JPEG", () => renderColour(300, 200).jpeg({ progressive: true }).toBuffer()],
  ["gray JPEG", () => renderColour(300, 200).grayscale().jpeg().toBuffer()],
  ["CMYK JPEG", () => renderColour(300, 200).toColourspace("cmyk").jpeg().toBuffer()],
  ["PNG of 16 bits", () => renderColour(300, 200).toColourspace("rgb16").png().toBuffer()],
  ["PNG with a palette", () => renderColour(300, 200).png({ palette: true }).toBuffer()],
])("checkImage() takes a %s", async (_name, encode) => {
  const { width, height, gray } = await checkImage(await encode());
  expect({ width, height, side: gray.width }).toEqual({ width: 300, height: 200, side: 160 });
});

test("checkImage() gives BT.601 luma, and the size of pictures that are small already", async () => {
  const create = { width: 20, height: 10, channels: 3, background: { r: 200, g: 100, b: 50 } } as const;
  const { gray } = await checkImage(await sharp({ create }).png().toBuffer());
  expect({ width: gray.width, height: gray.height }).toEqual({ width: 20, height: 10 });
  expect(new Set(gray.pixels)).toEqual(new Set([Math.round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)]));
});

test("checkImage() ignores an EXIF orientation: size and gray are those of the pixels as sent", async () => {
  const bytes = await renderColour(300, 200).jpeg().withMetadata({ orientation: 6 }).toBuffer();
  const { width, height, gray } = await checkImage(bytes);
  expect([width, height, gray.width, gray.height]).toEqual([300, 200, 160, 107]);
});

test("checkImage() looks at the first frame of an animated WebP", async () => {
  const frames = ["#000000", "#ffffff"].map(
    (background) => ({ create: { width: 64, height: 48, channels: 3, background } }) as const,
  );
  const images = await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer()));
  const bytes = await sharp(images, { join: { animated: true } })
    .webp({ lossless: true })
    .toBuffer();
  expect(bytes.includes("ANIM")).toBe(true);
  const { width, height, gray } = await checkImage(bytes);
  expect([width, height, Math.max(...gray.pixels)]).toEqual([64, 48, 0]);
});

test("checkImage() does not mind bytes after a JPEG's end, nor a view into a larger buffer", async () => {
  const jpeg = await encoders["image/jpeg"]();
  const buffer = Buffer.concat([Buffer.from("before"), jpeg, Buffer.alloc(1000, 0x41)]);
  await expect(checkImage(buffer.subarray(6))).resolves.toMatchObject({ width: 640 });
});

test("checkImage() throws the signal's reason when it is aborted", async () => {
  const reason = new Error("stopping");
  await expect(checkImage(await encoders["image/png"](), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
