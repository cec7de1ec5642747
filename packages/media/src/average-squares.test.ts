import { expect, test } from "vitest";
import { averageGray, halveColours } from "./average-squares.ts";

test("averageGray() gives the rounded mean of each square", () => {
  const pixels = Uint8Array.from([0, 1, 10, 20, /**/ 2, 4, 30, 41, /**/ 255, 255, 0, 0, /**/ 255, 254, 0, 1]);
  const small = new Uint8Array(4);
  averageGray({ width: 4, height: 4, pixels }, 2, small);
  expect([...small]).toEqual([2, 25, 255, 0]);
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
