import { expect, test } from "vitest";
import { rowsOf } from "./rows-of.ts";

test.each([
  ["", 1],
  ["abcd", 1],
  ["abcde", 2],
  ["abcd\nab", 2],
  ["ab\n", 2],
  ["漢字漢", 2],
  ["e\u0301e\u0301e\u0301e\u0301", 1],
  ["a\tb", null],
])("rowsOf() counts the rows of %j on 4 columns", (text, rows) => {
  expect(rowsOf(text, 4)).toBe(rows);
});
