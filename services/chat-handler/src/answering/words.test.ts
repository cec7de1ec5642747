import { expect, test } from "vitest";
import { Words } from "./words.ts";

const passed = (pieces: string[], has_begun = false) => {
  const words = new Words({ has_begun });
  return pieces.map((piece) => words.pass(piece));
};

test("pass() holds blanks back until the first word, and none after it", () => {
  expect(passed([" ", "\n", "Hello", " ", "you"])).toEqual(["", "", " \nHello", " ", "you"]);
  expect(passed([" ", "and"], true)).toEqual([" ", "and"]);
});

test("pass() puts the halves of a character together, and replaces one that stays alone", () => {
  expect(passed(["a\ud83d", "\ude42b", "\ude42"])).toEqual(["a", "🙂b", "\ufffd"]);
  expect(passed(["\ud83d", "b"])).toEqual(["", "\ufffdb"]);
});

test("pass() leaves out U+0000", () => {
  expect(passed(["a\u0000", "\u0000", "b"])).toEqual(["a", "", "b"]);
});
