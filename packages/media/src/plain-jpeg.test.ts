import sharp from "sharp";
import { expect, test } from "vitest";
import { inspectImage } from "./inspect-image.ts";
import { loadJpegTurbo } from "./jpeg-turbo.ts";
import { grayOfPlainJpeg, thumbnailOfPlainJpeg } from "./plain-jpeg.ts";
import { renderColour } from "./testing/pictures.ts";

const none = loadJpegTurbo() === null;
const jpeg = (width: number, height: number) => renderColour(width, height).jpeg({ quality: 90 });

/** The mean of each square, of the whole picture decoded by sharp. */
async function averaged(bytes: Uint8Array, factor: number): Promise<number[]> {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const luma = (x: number, y: number): number => {
    const at = (y * width + x) * channels;
    return channels < 3 ? data[at]! : 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
  };
  const squares = Array.from({ length: (width * height) / factor ** 2 }, (_, i) => {
    const [left, top] = [(i % (width / factor)) * factor, Math.floor(i / (width / factor)) * factor];
    const pixels = Array.from({ length: factor ** 2 }, (_, p) =>
      luma(left + (p % factor), top + Math.floor(p / factor)),
    );
    return pixels.reduce((sum, one) => sum + one, 0) / factor ** 2;
  });
  return squares;
}

test.skipIf(none).each([
  ["640 x 480", 4, () => jpeg(640, 480)],
  ["640 x 360", 4, () => jpeg(640, 360)],
  ["800 x 600", 5, () => jpeg(800, 600)],
  ["480 x 640, gray", 4, () => jpeg(480, 640).grayscale()],
  ["320 x 240, 4:4:4", 2, () => jpeg(320, 240).jpeg({ chromaSubsampling: "4:4:4" })],
  ["160 x 120", 1, () => jpeg(160, 120)],
])("grayOfPlainJpeg() gives the mean luma of each square: %s", async (_name, factor, encode) => {
  const bytes = await encode().toBuffer();
  const { width, height } = inspectImage(bytes);
  const gray = (await grayOfPlainJpeg(bytes, 160))!;
  expect(gray).toMatchObject({ width: width / factor, height: height / factor });
  const wanted = await averaged(bytes, factor);
  const differences = wanted.map((value, at) => Math.abs(value - gray.pixels[at]!));
  expect(differences.length).toBe(gray.pixels.length);
  expect(Math.max(...differences)).toBeLessThan(3);
});

test.skipIf(none)("grayOfPlainJpeg() gives each of many at once its own picture", async () => {
  const shades = Array.from({ length: 24 }, (_, i) => i * 10);
  const pictures = await Promise.all(
    shades.map((shade) =>
      sharp({ create: { width: 640, height: 480, channels: 3, background: { r: shade, g: shade, b: shade } } })
        .jpeg()
        .toBuffer(),
    ),
  );
  const grays = await Promise.all(pictures.map((bytes) => grayOfPlainJpeg(bytes, 160)));
  for (const [i, gray] of grays.entries()) {
    const seen = new Set(gray!.pixels);
    expect([seen.size, Math.abs(shades[i]! - [...seen][0]!) <= 1]).toEqual([1, true]);
  }
});

test.each([
  ["progressive", () => jpeg(640, 480).jpeg({ progressive: true }).toBuffer()],
  ["of four colours", () => jpeg(640, 480).toColourspace("cmyk").toBuffer()],
  ["no multiple in size", () => jpeg(704, 576).toBuffer()],
  ["smaller", () => jpeg(100, 80).toBuffer()],
  ["large", () => jpeg(1920, 1080).toBuffer()],
  ["damaged", async () => (await jpeg(640, 480).toBuffer()).fill(0xaa, 2_000, 3_000)],
  ["of several scans", async () => inScans(await jpeg(640, 480).toBuffer())],
])("grayOfPlainJpeg() and thumbnailOfPlainJpeg() leave a JPEG to sharp that is %s", async (_name, encode) => {
  const bytes = await encode();
  expect(await grayOfPlainJpeg(bytes, 160)).toBeNull();
  expect(await thumbnailOfPlainJpeg(bytes, { side: 160, quality: 70 })).toBeNull();
});

/** Says that the scan has only the first component. */
function inScans(bytes: Buffer): Buffer {
  const at = bytes.indexOf(Buffer.from("ffda000c03", "hex"));
  return Buffer.concat([bytes.subarray(0, at), Buffer.from("ffda0008010100003f00", "hex"), bytes.subarray(at + 14)]);
}

test.skipIf(none)("thumbnailOfPlainJpeg() shows the same colours in the same places", async () => {
  const create = { width: 640, height: 480, channels: 3, background: "#204060" } as const;
  const red = await sharp({ create: { ...create, width: 320, height: 240, background: "#e01010" } })
    .png()
    .toBuffer();
  const bytes = await sharp({ create })
    .composite([{ input: red, left: 320, top: 0 }])
    .jpeg()
    .toBuffer();
  const small = (await thumbnailOfPlainJpeg(bytes, { side: 320, quality: 70 }))!;
  const { data, info } = await sharp(small).raw().toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 320, height: 240, channels: 3 });
  const at = (x: number, y: number) => [...data.subarray((y * 320 + x) * 3, (y * 320 + x) * 3 + 3)];
  const near = (seen: number[], wanted: number[]) => seen.every((value, i) => Math.abs(value - wanted[i]!) < 8);
  expect([near(at(240, 60), [0xe0, 0x10, 0x10]), near(at(80, 60), [0x20, 0x40, 0x60])]).toEqual([true, true]);
  expect([near(at(240, 180), [0x20, 0x40, 0x60]), near(at(170, 110), [0xe0, 0x10, 0x10])]).toEqual([true, true]);
});
