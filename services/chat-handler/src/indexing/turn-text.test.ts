import { expect, test } from "vitest";
import { HouseTime } from "../house-time.ts";
import { turnText } from "./turn-text.ts";

const at_ms = Date.UTC(2026, 10, 20, 2);
const time = new HouseTime("UTC");

test("turnText() says when, what was asked and what was answered", () => {
  expect(turnText({ question: " Where is the key? ", answer: "Under the pot.", at_ms }, time)).toBe(
    "Conversation on Friday, 20 November 2026 at 02:00, at night.\nAsked: Where is the key?\nAnswered: Under the pot.",
  );
});

test("turnText() is bounded and well-formed, however long question and answer are", () => {
  const text = turnText({ question: "q".repeat(32_000), answer: `${"a".repeat(1_799)}😀`.repeat(9), at_ms }, time);
  expect(text.length).toBeLessThan(3_000);
  expect(text.isWellFormed()).toBe(true);
});
