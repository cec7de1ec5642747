import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { expect, test } from "vitest";
import { annotate } from "./annotate.ts";
import { checkImage } from "./check-image.ts";
import * as errors from "./errors.ts";
import { sharpness } from "./sharpness.ts";
import { renderColour } from "./testing/pictures.ts";
import { thumbnail } from "./thumbnail.ts";

const gray = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 90, g: 90, b: 90 } } });

test("sharpness() is the variance of the Laplacian", () => {
  const pixels = new Uint8Array(25);
  pixels[12] = 10;
  expect(sharpness({ width: 5, height: 5, pixels })).toBeCloseTo((1600 + 4 * 100) / 9, 6);
  expect(sharpness({ width: 5, height: 5, pixels: new Uint8Array(25).fill(80) })).toBe(0);
  expect(sharpness({ width: 2, height: 5, pixels: new Uint8Array(10) })).toBe(0);
});

test("sharpness() falls when a picture is blurred", async () => {
  const stripes = Buffer.from(Array.from({ length: 640 * 480 }, (_, at) => (((at % 640) >> 4) & 1) * 150 + 50));
  const raw = { raw: { width: 640, height: 480, channels: 1 } } as const;
  const sharp_ = await checkImage(await sharp(stripes, raw).jpeg().toBuffer());
  const blurred = await checkImage(await sharp(stripes, raw).blur(12).jpeg().toBuffer());
  expect(sharpness(blurred.gray)).toBeLessThan(sharpness(sharp_.gray) / 10);
});

test("thumbnail() is a JPEG of at most that size, never enlarged, in the orientation sent", async () => {
  const large = await renderColour(800, 600).png().withMetadata({ orientation: 6 }).toBuffer();
  expect(await checkImage(await thumbnail(large))).toMatchObject({ media_type: "image/jpeg", width: 320, height: 240 });
  expect(await checkImage(await thumbnail(large, { max_side: 100 }))).toMatchObject({ width: 100, height: 75 });
  expect(await checkImage(await thumbnail(await gray(40, 30).webp().toBuffer()))).toMatchObject({
    width: 40,
    height: 30,
  });
});

test("annotate() draws a box where it is, and nothing elsewhere", async () => {
  const picture = await gray(400, 200).jpeg().toBuffer();
  const box = { label: "person", confidence: 0.91, x: 0.25, y: 0.25, w: 0.5, h: 0.5 };
  const drawn = await annotate(picture, [box]);
  expect(await checkImage(drawn)).toMatchObject({ media_type: "image/jpeg", width: 400, height: 200 });
  const { data } = await sharp(drawn).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...data.subarray((y * 400 + x) * 3, (y * 400 + x) * 3 + 3)];
  const differs = ([r, g, b]: number[]) => Math.abs(r! - 90) + Math.abs(g! - 90) + Math.abs(b! - 90) > 40;
  expect([at(100, 100), at(300, 100), at(200, 150)].map(differs)).toEqual([true, true, true]);
  expect([at(200, 100), at(20, 100), at(380, 190)].map(differs)).toEqual([false, false, false]);
});

test("annotate() escapes labels and survives boxes that are no boxes", async () => {
  const picture = await gray(100, 80).png().toBuffer();
  const labels = ['</text><image href="file:///etc/passwd"/>', "a & b < c", "\u0000\u0008\ud800", "猫".repeat(500), ""];
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, -3, 7];
  const boxes = labels.flatMap((label) => odd.map((x) => ({ label, confidence: x, x, y: x, w: x, h: x })));
  expect(await checkImage(await annotate(picture, boxes))).toMatchObject({ width: 100, height: 80 });
  expect(await checkImage(await annotate(picture, []))).toMatchObject({ width: 100, height: 80 });
  expect(await checkImage(await annotate(await gray(1, 1).png().toBuffer(), boxes))).toMatchObject({ width: 1 });
});

test("the catalogue's codes are unique and explained in the README", async () => {
  const codes = Object.values(errors).map(({ code, retry }) => `| \`${code}\` | ${retry} |`);
  expect(new Set(codes).size).toBe(codes.length);
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  expect(codes.filter((code) => !readme.replace(/ +/g, " ").includes(code))).toEqual([]);
});
