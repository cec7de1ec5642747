import { expect, test } from "vitest";
import { scoreTexts, squashed } from "./bm25.ts";

test("scoreTexts() follows the formula", () => {
  // Two texts of 2 and 4 terms, 3 on average; "gate" is in both, "mira" in one: ln(1 + 0.5 / 2.5), ln(1 + 1.5 / 1.5).
  const [first, second] = scoreTexts("gate Mira", ["gate Mira", "gate fence hedge yard"]);
  const part = (count: number, length: number) => (count * 2.2) / (count + 1.2 * (0.25 + (0.75 * length) / 3));
  expect(first).toBeCloseTo(Math.log(1.2) * part(1, 2) + Math.log(2) * part(1, 2), 10);
  expect(second).toBeCloseTo(Math.log(1.2) * part(1, 4), 10);
});

test("scoreTexts() puts the text that answers first, and gives 0 to one that shares nothing", () => {
  const texts = ["Ravens like walnuts", "Mira opened the gate with her key", "The gates are green"];
  const scores = scoreTexts("Who opened the gate?", texts);
  expect(scores.indexOf(Math.max(...scores))).toBe(1);
  expect(scores[0]).toBe(0);
  expect(scores[2]).toBeGreaterThan(0);
  expect(scoreTexts("the", ["", "the"])).toEqual([0, 0]);
});

test("squashed() keeps the order between 0 and 1", () => {
  expect([0, 1, 3, 99].map(squashed)).toEqual([0, 0.5, 0.75, 0.99]);
});
