import { expect, test } from "vitest";
import { averageGray, halveColours } from "./average-squares.ts";

test.each([1, 2, 3, 4, 5, 8])("averageGray() gives the rounded mean of each square of %s x %s pixels", (factor) => {
  const [width, height] = [12 * factor, 3 * factor];
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => (i * 97 + (i >> 3) * 31) % 256);
  pixels.fill(255, 0, factor * width - 1);
  const means = Array.from({ length: 36 }, (_, i) => {
    const first = Math.floor(i / 12) * factor * width + (i % 12) * factor;
    const square = Array.from(
      { length: factor ** 2 },
      (_, p) => pixels[first + (p % factor) + Math.floor(p / factor) * width]!,
    );
    return Math.floor((square.reduce((sum, one) => sum + one, 0) + ((factor ** 2) >> 1)) / factor ** 2);
  });
  expect([...averageGray({ width, height, pixels }, factor)]).toEqual(means);
  const shifted = new Uint8Array(pixels.length + 1).subarray(1);
  shifted.set(pixels);
  expect([...averageGray({ width, height, pixels: shifted }, factor)]).toEqual(means);
});

test("halveColours() gives the rounded mean of 2 x 2 pixels, each byte by itself", () => {
  const [width, height] = [8, 6];
  const bytes = Uint8Array.from({ length: width * height * 4 }, (_, i) => (i * 97 + (i >> 3) * 31) % 256);
  bytes.fill(255, 0, 32);
  const at = (x: number, y: number, byte: number) => bytes[(y * width + x) * 4 + byte]!;
  const wanted = Array.from({ length: (width * height) / 4 }, (_, i) => {
    const [x, y] = [(i % 4) * 2, Math.floor(i / 4) * 2];
    return [0, 1, 2, 3].map((byte) => {
      const sum = at(x, y, byte) + at(x + 1, y, byte) + at(x, y + 1, byte) + at(x + 1, y + 1, byte);
      return Math.floor((sum + 2) / 4);
    });
  });
  const pixels = new Int32Array(bytes.slice().buffer);
  halveColours(pixels, { width, height });
  expect([...new Uint8Array(pixels.buffer, 0, width * height)]).toEqual(wanted.flat());
});
