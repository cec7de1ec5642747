import { expect, test } from "vitest";
import { EarlyQuestions } from "./early-questions.ts";

test("admit() lets each question through once, and forgets the oldest of many", () => {
  const early = new EarlyQuestions(1);
  const all = Array.from({ length: 1_001 }, (_, i) => `r-${i}`);
  expect(all.every((id) => early.admit(id))).toBe(true);
  expect(early.admit("r-1000")).toBe(false);
  expect(early.admit("r-1")).toBe(false);
  expect(early.admit("r-0")).toBe(true);
});

test("admit() lets none through while there is no room for its answer", () => {
  const early = new EarlyQuestions(2);
  const [end] = [early.begin(), early.begin()];
  expect(early.admit("r-1")).toBe(false);
  end!();
  expect(early.admit("r-1")).toBe(true);
});
