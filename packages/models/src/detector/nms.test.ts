import { expect, test } from "vitest";
import { type Candidate, dropOverlaps, overlap } from "./nms.ts";

const box = (x1: number, y1: number, x2: number, y2: number, confidence = 0.5, label = 0): Candidate => ({
  x1,
  y1,
  x2,
  y2,
  confidence,
  label,
});

test.each([
  ["halves", box(0, 0, 10, 10), box(0, 5, 10, 15), 50 / 150],
  ["a quarter inside", box(0, 0, 10, 10), box(5, 5, 10, 10), 25 / 100],
  ["corners", box(0, 0, 10, 10), box(8, 8, 18, 18), 4 / 196],
  ["the same", box(1, 2, 3, 4), box(1, 2, 3, 4), 1],
  ["sides that touch", box(0, 0, 10, 10), box(10, 0, 20, 10), 0],
  ["nothing", box(0, 0, 1, 1), box(5, 5, 6, 6), 0],
  ["no area", box(1, 1, 1, 1), box(1, 1, 1, 1), 0],
])("overlap() of boxes that share %s", (_, a, b, wanted) => {
  expect(overlap(a, b)).toBeCloseTo(wanted, 12);
  expect(overlap(b, a)).toBeCloseTo(wanted, 12);
});

test("dropOverlaps() keeps the most confident of a label, and leaves other labels alone", () => {
  const best = box(0, 0, 10, 10, 0.9);
  const near = box(0, 2, 10, 12, 0.8); // 80 / 120 = 0.67 of the best
  const other = box(0, 2, 10, 12, 0.7, 1);
  const far = box(0, 6, 10, 16, 0.6); // 40 / 160 = 0.25 of the best; 0.43 of the near one, which is gone
  expect(dropOverlaps([far, other, near, best], { max_overlap: 0.45, most: 10 })).toEqual([best, other, far]);
});

test("dropOverlaps() drops only what overlaps more than the limit", () => {
  const boxes = [box(0, 0, 10, 10, 0.9), box(0, 5, 10, 15, 0.8)]; // a third
  expect(dropOverlaps(boxes, { max_overlap: 1 / 3, most: 10 })).toHaveLength(2);
  expect(dropOverlaps(boxes, { max_overlap: 0.33, most: 10 })).toHaveLength(1);
});

test("dropOverlaps() gives no more than wanted", () => {
  const apart = Array.from({ length: 20 }, (_, n) => box(n * 10, 0, n * 10 + 5, 5, n / 20));
  const kept = dropOverlaps(apart, { max_overlap: 0.5, most: 3 });
  expect(kept.map(({ confidence }) => confidence)).toEqual([0.95, 0.9, 0.85]);
});
