import { expect, test } from "vitest";
import { decodeCursor, encodeCursor, toPage } from "./cursor.ts";

test("decodeCursor() reads what encodeCursor() wrote", () => {
  expect(decodeCursor(encodeCursor([12, "gate", "f-1"]), 2)).toEqual([12, "gate", "f-1"]);
});

test("decodeCursor() refuses what no list gave out", () => {
  for (const cursor of [
    "",
    "nonsense",
    encodeCursor([1]),
    encodeCursor(["1", "a", "b"]),
    encodeCursor([1.5, "a", "b"]),
  ])
    expect(() => decodeCursor(cursor, 2)).toThrow(expect.objectContaining({ code: "BAD_CURSOR" }));
});

test("toPage() points at the last row shown only when there is more", () => {
  expect(toPage([3, 2, 1], 2, (n) => [n])).toEqual({ items: [3, 2], next_cursor: encodeCursor([2]) });
  expect(toPage([2, 1], 2, (n) => [n])).toEqual({ items: [2, 1], next_cursor: null });
});
