import { expect, test } from "vitest";
import { EarlyQuestions } from "./early-questions.ts";

test("isNew() says so once of each question, and forgets the oldest of many", () => {
  const early = new EarlyQuestions();
  const all = Array.from({ length: 1_001 }, (_, i) => `r-${i}`);
  expect(all.every((id) => early.isNew(id))).toBe(true);
  expect(early.isNew("r-1000")).toBe(false);
  expect(early.isNew("r-1")).toBe(false);
  expect(early.isNew("r-0")).toBe(true);
});
