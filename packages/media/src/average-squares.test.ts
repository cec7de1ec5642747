import { expect, test } from "vitest";
import { averageGray, averageRgb } from "./average-squares.ts";

test("averageGray() gives the rounded mean of each square", () => {
  const pixels = Uint8Array.from([0, 1, 10, 20, /**/ 2, 4, 30, 41, /**/ 255, 255, 0, 0, /**/ 255, 254, 0, 1]);
  const small = new Uint8Array(4);
  averageGray({ width: 4, height: 4, pixels }, 2, small);
  expect([...small]).toEqual([2, 25, 255, 0]);
});

test("averageRgb() keeps the colours apart", () => {
  const pixels = Uint8Array.from([255, 0, 7, 253, 0, 8, /**/ 0, 90, 100, 2, 90, 200]);
  const wide = { width: 4, height: 1, pixels };
  const same = new Uint8Array(12);
  averageRgb(wide, 1, same);
  expect(same).toEqual(pixels);
  const small = new Uint8Array(3);
  averageRgb({ width: 2, height: 2, pixels }, 2, small);
  expect([...small]).toEqual([128, 45, 79]);
});
