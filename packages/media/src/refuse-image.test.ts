import sharp from "sharp";
import { expect, test } from "vitest";
import { checkImage } from "./check-image.ts";
import { MAX_IMAGE_BYTES } from "./media-type.ts";
import { buildPng, renderColour } from "./testing/pictures.ts";

const encoders = {
  JPEG: () => renderColour(320, 240).jpeg().toBuffer(),
  "progressive JPEG": () => renderColour(320, 240).jpeg({ progressive: true }).toBuffer(),
  "JPEG with a thumbnail's end in its EXIF": async () => {
    const jpeg = await renderColour(320, 240).jpeg().toBuffer();
    return Buffer.concat([jpeg.subarray(0, 2), Buffer.from("ffe10006ffd9ffd9", "hex"), jpeg.subarray(2)]);
  },
  PNG: () => renderColour(320, 240).png().toBuffer(),
  WebP: () => renderColour(320, 240).webp().toBuffer(),
  "lossless WebP": () => renderColour(320, 240).webp({ lossless: true }).toBuffer(),
};

test.each(Object.entries(encoders))(
  "checkImage() refuses a truncated %s wherever it was cut",
  async (_name, encode) => {
    const bytes = await encode();
    await expect(checkImage(bytes)).resolves.toMatchObject({ width: 320 });
    const cuts = [14, 24, 40, 200, ...[0.1, 0.5, 0.9, 0.99].map((share) => Math.floor(bytes.length * share))];
    for (const length of [...cuts, ...[12, 8, 4, 2, 1].map((missing) => bytes.length - missing)]) {
      const refusal = await checkImage(bytes.subarray(0, length)).catch((error) => error);
      expect({ length, code: refusal.code, retry: refusal.retry }).toEqual({
        length,
        code: "TRUNCATED",
        retry: "never",
      });
    }
  },
);

test.each([
  ["NOT_AN_IMAGE", "nothing", Buffer.alloc(0)],
  ["NOT_AN_IMAGE", "garbage", Buffer.from("7f3a90b1c4d5e6f70812233445566778", "hex")],
  ["NOT_AN_IMAGE", "a text", Buffer.from("Dear camera, this is no picture although its name ends in .jpg")],
  [
    "NOT_AN_IMAGE",
    "an SVG",
    Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
  ],
  [
    "NOT_AN_IMAGE",
    "a JPEG signature and text",
    Buffer.concat([Buffer.from("ffd8ffe00004", "hex"), Buffer.alloc(99, 65)]),
  ],
  ["NOT_AN_IMAGE", "a JPEG without a frame", Buffer.from("ffd8ffd900000000", "hex")],
  ["NOT_AN_IMAGE", "a PNG of no pixels", buildPng(0, 10, 1)],
  ["NOT_AN_IMAGE", "a PNG with too few rows", buildPng(100, 100, 20)],
  [
    "UNSUPPORTED_MEDIA",
    "a GIF",
    await sharp({ create: { width: 9, height: 9, channels: 3, background: "red" } })
      .gif()
      .toBuffer(),
  ],
  ["UNSUPPORTED_MEDIA", "a TIFF", await renderColour(9, 9).tiff().toBuffer()],
  ["TOO_MANY_PIXELS", "a PNG header of 65535x65535 and nothing else", buildPng(65_535, 65_535, 0).subarray(0, 33)],
  [
    "FRAME_TOO_LARGE",
    "8 MiB and a byte",
    Buffer.concat([Buffer.from("ffd8ff", "hex"), Buffer.alloc(MAX_IMAGE_BYTES - 2)]),
  ],
])("checkImage() refuses with %s: %s", async (code, _name, bytes) => {
  await expect(checkImage(bytes)).rejects.toMatchObject({ code, retry: "never" });
});

test("checkImage() refuses content that is not what was declared, and takes it when nothing was", async () => {
  const bytes = await encoders.PNG();
  await expect(checkImage(bytes, { declared: "image/jpeg" })).rejects.toMatchObject({
    code: "UNSUPPORTED_MEDIA",
    message: 'Cannot read image as its content must be what was declared, "image/jpeg": current content is image/png',
  });
  await expect(checkImage(bytes, { declared: "text/plain" })).rejects.toMatchObject({ code: "UNSUPPORTED_MEDIA" });
  await expect(checkImage(bytes, { declared: "application/octet-stream" })).resolves.toMatchObject({ width: 320 });
});

test("checkImage() refuses 51 megapixels in 60 KB, and does so before it decodes", async () => {
  const bomb = buildPng(8500, 6000, 6000);
  expect(bomb.length).toBeLessThan(60_000);
  await expect(checkImage(bomb)).rejects.toMatchObject({
    code: "TOO_MANY_PIXELS",
    facts: { width: 8500, height: 6000 },
  });
  const undecodable = Buffer.from(bomb).fill(0xff, 60, 1000);
  await expect(checkImage(undecodable)).rejects.toMatchObject({ code: "TOO_MANY_PIXELS" });
  await expect(checkImage(undecodable, { max_pixels: 60_000_000 })).rejects.toMatchObject({ code: "NOT_AN_IMAGE" });
});

test("checkImage() refuses a picture with more pixels than it is told to take", async () => {
  await expect(checkImage(await encoders.WebP(), { max_pixels: 320 * 240 - 1 })).rejects.toMatchObject({
    code: "TOO_MANY_PIXELS",
  });
  await expect(checkImage(await encoders.WebP(), { max_pixels: 320 * 240 })).resolves.toMatchObject({ width: 320 });
});
