import sharp, { type Color, type Sharp } from "sharp";
import { expect, test } from "vitest";
import { faultsOf } from "../calling/faults.ts";
import { DetectorAuthError, DetectorDownError } from "../errors.ts";
import { letterbox, placeOf } from "./letterbox.ts";

const fault = faultsOf({
  action: "detect objects",
  server: "here",
  model: "yolo",
  Down: DetectorDownError,
  Auth: DetectorAuthError,
});
const plain = (width: number, height: number, background: Color, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background } });
const pictureOf = async (pipeline: Sharp, width: number, height: number) => ({
  bytes: await pipeline.png().toBuffer(),
  media_type: "image/png",
  width,
  height,
});

test.each([
  ["wide", { width: 200, height: 100 }, { x: 0, y: 160, width: 640, height: 320 }],
  ["high", { width: 480, height: 1280 }, { x: 200, y: 0, width: 240, height: 640 }],
  ["square", { width: 32, height: 32 }, { x: 0, y: 0, width: 640, height: 640 }],
  ["of odd padding", { width: 640, height: 427 }, { x: 0, y: 106, width: 640, height: 427 }],
  ["of one row", { width: 10_000, height: 1 }, { x: 0, y: 319, width: 640, height: 1 }],
])("placeOf() keeps the proportions of a picture that is %s", (_, picture, place) => {
  expect(placeOf(picture, { width: 640, height: 640 })).toEqual(place);
});

test("letterbox() lays out red, green and blue planes of 0..1 between grey of 114", async () => {
  const picture = await pictureOf(plain(4, 2, { r: 255, g: 51, b: 0 }), 4, 2);
  const { data, shape, place } = await letterbox(picture, { width: 8, height: 8 }, fault);
  expect(shape).toEqual([1, 3, 8, 8]);
  expect(place).toEqual({ x: 0, y: 2, width: 8, height: 4 });
  const rowsOf = (plane: number) => Array.from({ length: 8 }, (_, row) => data[plane * 64 + row * 8 + 3]);
  const grey = Math.fround(114 / 255);
  for (const [plane, value] of [1, Math.fround(0.2), 0].entries())
    expect(rowsOf(plane)).toEqual([grey, grey, value, value, value, value, grey, grey]);
});

test("letterbox() puts pixels where they were", async () => {
  const green = { create: { width: 10, height: 10, channels: 3, background: "#00ff00" } } as const;
  const painted = plain(100, 50, "#000000").composite([{ input: green, left: 60, top: 20 }]);
  const { data } = await letterbox(await pictureOf(painted, 100, 50), { width: 200, height: 200 }, fault);
  const greenAt = (x: number, y: number) => data[200 * 200 + y * 200 + x];
  expect([greenAt(130, 100), greenAt(115, 100), greenAt(145, 100), greenAt(130, 85), greenAt(130, 115)]).toEqual([
    1, 0, 0, 0, 0,
  ]);
});

test("letterbox() takes grey, 16-bit and transparent pictures", async () => {
  const grey16 = plain(2, 2, "#808080").toColourspace("grey16");
  const seen = await letterbox(await pictureOf(grey16, 2, 2), { width: 2, height: 2 }, fault);
  expect([...seen.data]).toEqual(Array(12).fill(Math.fround(128 / 255)));
  const clear = await pictureOf(plain(2, 2, { r: 255, g: 0, b: 0, alpha: 0 }, 4), 2, 2);
  const through = await letterbox(clear, { width: 2, height: 2 }, fault);
  expect([...through.data]).toEqual(Array(12).fill(Math.fround(114 / 255)));
});

test("letterbox() refuses what is no whole picture", async () => {
  const whole = await pictureOf(plain(200, 200, "#123456"), 200, 200);
  for (const bytes of [Uint8Array.of(1, 2, 3), whole.bytes.subarray(0, whole.bytes.length >> 1)])
    await expect(letterbox({ ...whole, bytes }, { width: 8, height: 8 }, fault)).rejects.toMatchObject({
      code: "MODEL_REFUSED",
      retry: "never",
      message: expect.stringContaining('Cannot detect objects of model "yolo" at "here" as the picture must decode'),
    });
});
