import { expect, test } from "vitest";
import { oneLine } from "./one-line.ts";

test("oneLine() cuts between characters, never through one", () => {
  expect(oneLine("🙂🙂🙂🙂", 8)).toBe("🙂🙂🙂🙂");
  expect(oneLine("🙂🙂🙂🙂🙂", 8)).toBe("🙂🙂...");
  expect(oneLine("x🙂🙂🙂🙂", 8)).toBe("x🙂🙂...");
});

test("oneLine() has no line break, no U+0000 and no half of a character", () => {
  expect(oneLine(" a\n\tb\u0000c \ud83d ", 80)).toBe("a b c \ufffd");
});
