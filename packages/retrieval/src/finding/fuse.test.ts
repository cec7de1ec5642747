import { expect, test } from "vitest";
import { fuse } from "./fuse.ts";

test("fuse() adds up places: what both rankings know well comes first", () => {
  const fused = fuse([
    ["a", "b", "c"],
    ["c", "b", "d"],
  ]);
  expect(fused.map(({ id }) => id)).toEqual(["c", "b", "a", "d"]);
  expect(fused[0]!.score).toBeCloseTo((1 / 61 + 1 / 63) / (2 / 61));
});

test("fuse() gives the first of all rankings the score 1, and equals in a fixed order", () => {
  expect(fuse([["a"], ["a"]])).toEqual([{ id: "a", score: 1 }]);
  expect(fuse([["b"], ["a"]]).map(({ id }) => id)).toEqual(["a", "b"]);
  expect(fuse([])).toEqual([]);
  expect(fuse([[], []])).toEqual([]);
});
