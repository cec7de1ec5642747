import { expect, test } from "vitest";
import { fromSquare, intoSquare, letterboxSide } from "./letterbox.ts";

const plane = letterboxSide * letterboxSide;

test("intoSquare() scales a box to the square and moves it by the grey above or beside", () => {
  expect(intoSquare({ x: 0, y: 0, width: 1280, height: 720 }, { width: 1280, height: 720 })).toEqual([
    0, 140, 640, 500,
  ]);
  expect(intoSquare({ x: 10, y: 20, width: 30, height: 40 }, { width: 100, height: 320 })).toEqual([240, 40, 300, 120]);
});

test("fromSquare() finds the picture inside the grey", () => {
  const tensor = new Float32Array(3 * plane).fill(114 / 255);
  for (let y = 140; y < 500; y++)
    for (let x = 0; x < letterboxSide; x++) tensor.set([x < 320 ? 1 : 0], y * letterboxSide + x);
  const { rgb, place } = fromSquare(tensor);
  expect(place).toEqual({ x: 0, y: 140, width: 640, height: 360 });
  expect(rgb).toHaveLength(640 * 360 * 3);
  expect([...rgb.subarray(0, 3)]).toEqual([255, 114, 114]);
  expect([...rgb.subarray(-3)]).toEqual([0, 114, 114]);
});

test("fromSquare() takes a square that is all grey for the picture, and values beyond 0..1 for their limits", () => {
  expect(fromSquare(new Float32Array(3 * plane).fill(114 / 255)).place).toMatchObject({ width: 640, height: 640 });
  const { rgb } = fromSquare(new Float32Array(3 * plane).fill(7));
  expect(rgb[0]).toBe(255);
});
