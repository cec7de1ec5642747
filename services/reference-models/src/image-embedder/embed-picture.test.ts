import sharp from "sharp";
import { expect, test } from "vitest";
import { embeddingLength, embedPicture } from "./embed-picture.ts";

/** A disc on a plain ground. */
function disc(colour: string, ground: string, at = { x: 60, y: 60 }): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="150"><rect width="100%" height="100%" fill="${ground}"/><circle cx="${at.x}" cy="${at.y}" r="40" fill="${colour}"/></svg>`;
  return sharp(Buffer.from(svg)).jpeg().toBuffer();
}

const likeness = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, at) => sum + value * b[at]!, 0);

test("embedPicture() gives unit vectors that are the same for the same picture", async () => {
  const picture = await disc("red", "white");
  const [a, b] = [await embedPicture(picture), await embedPicture(picture)];
  expect(a).toHaveLength(embeddingLength);
  expect(a).toEqual(b);
  expect(likeness(a, a)).toBeCloseTo(1, 5);
});

test("embedPicture() puts a picture nearer to one of the same colours and place than to others", async () => {
  const red = await embedPicture(await disc("red", "white"));
  const moved = await embedPicture(await disc("#e01010", "#f8f8f8", { x: 66, y: 62 }));
  const elsewhere = await embedPicture(await disc("red", "white", { x: 150, y: 100 }));
  const other = await embedPicture(await disc("navy", "olive"));
  expect(likeness(red, moved)).toBeGreaterThan(likeness(red, elsewhere));
  expect(likeness(red, elsewhere)).toBeGreaterThan(likeness(red, other));
});

test("embedPicture() gives a plain picture a unit vector too", async () => {
  const plain = await sharp({ create: { width: 9, height: 5, channels: 4, background: "#336699" } })
    .png()
    .toBuffer();
  const vector = await embedPicture(plain);
  expect(likeness(vector, vector)).toBeCloseTo(1, 5);
});

test("embedPicture() refuses what is no picture", async () => {
  await expect(embedPicture(Buffer.from("GIF87a?"))).rejects.toMatchObject({ code: "NOT_AN_IMAGE" });
  const cut = (await disc("red", "white")).subarray(0, 600);
  await expect(embedPicture(cut)).rejects.toMatchObject({ code: "NOT_AN_IMAGE" });
});
