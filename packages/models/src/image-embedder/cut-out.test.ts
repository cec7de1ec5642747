import sharp from "sharp";
import { expect, test } from "vitest";
import { cutOut } from "./cut-out.ts";

/** 100 x 50, red on the left half, blue on the right. */
const halves = {
  bytes: await sharp({ create: { width: 100, height: 50, channels: 3, background: "#ff0000" } })
    .composite([{ input: { create: { width: 50, height: 50, channels: 3, background: "#0000ff" } }, left: 50, top: 0 }])
    .png()
    .toBuffer(),
  media_type: "image/png",
  width: 100,
  height: 50,
  source: "gate",
};

test.each([
  ["the left half", { x: 0, y: 0, w: 0.5, h: 1 }, [50, 50], "red"],
  ["the right half", { x: 0.5, y: 0, w: 0.5, h: 1 }, [50, 50], "blue"],
  ["a part of a pixel", { x: 0.201, y: 0.21, w: 0.001, h: 0.001 }, [1, 1], "red"],
  ["no pixel at the last edge", { x: 1, y: 1, w: 0, h: 0 }, [1, 1], "blue"],
  ["a third", { x: 1 / 3, y: 0, w: 1 / 3, h: 0.5 }, [34, 25], "both"],
  ["all of it", { x: 0, y: 0, w: 1, h: 1 }, [100, 50], "both"],
])("cutOut() gives %s in whole pixels", async (_, box, [width, height], colour) => {
  const part = await cutOut(halves, box);
  expect(part).toMatchObject({ media_type: "image/jpeg", width, height, source: "gate" });
  const { channels } = await sharp(part.bytes).stats();
  expect(await sharp(part.bytes).metadata()).toMatchObject({ format: "jpeg", width, height });
  const [red, , blue] = channels.map(({ mean }) => mean) as [number, number, number];
  expect(red > 200 ? "red" : blue > 200 ? "blue" : "both").toBe(colour);
});

test("cutOut() leaves orientation tags alone: boxes are of the pixels as stored", async () => {
  const turned = await sharp(halves.bytes).jpeg().withMetadata({ orientation: 6 }).toBuffer();
  const part = await cutOut({ ...halves, bytes: turned }, { x: 0, y: 0, w: 0.25, h: 1 });
  expect(part).toMatchObject({ width: 25, height: 50 });
});

test("cutOut() fails on what is no whole picture", async () => {
  await expect(cutOut({ ...halves, bytes: Uint8Array.of(1) }, { x: 0, y: 0, w: 1, h: 1 })).rejects.toThrow();
});
