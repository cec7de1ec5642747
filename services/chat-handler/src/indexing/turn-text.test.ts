import { expect, test } from "vitest";
import { HouseTime } from "../house-time.ts";
import { turnTexts } from "./turn-text.ts";

const at_ms = Date.UTC(2026, 10, 20, 2);
const time = new HouseTime("UTC");

test("turnTexts() says when, what was asked and what was answered", () => {
  expect(turnTexts({ question: " Where is the key? ", answer: "Under the pot.", at_ms }, time)).toEqual([
    "Conversation on Friday, 20 November 2026 at 02:00, at night.\nAsked: Where is the key?\nAnswered: Under the pot.",
  ]);
});

test("turnTexts() has a long answer in parts, each beside its question, and leaves nothing out", () => {
  const sentences = Array.from({ length: 100 }, (_, n) => `Sentence number ${n} tells of the gate.`);
  const texts = turnTexts({ question: "What of the gate?", answer: sentences.join(" "), at_ms }, time);
  expect(texts.length).toBe(3);
  for (const text of texts) expect(text).toContain("Asked: What of the gate?\nAnswered: ");
  for (const sentence of sentences) expect(texts.some((text) => text.includes(sentence))).toBe(true);
});

test("turnTexts() has a long question in parts, each with the beginning of the answer", () => {
  const texts = turnTexts({ question: "word ".repeat(400), answer: "No.", at_ms }, time);
  expect(texts.length).toBe(2);
  expect(texts[0]).toMatch(/Asked: word .* word …\nAnswered: No\.$/);
  expect(texts[1]).toMatch(/Asked: … word .* word\nAnswered: No\.$/);
});

test("turnTexts() is bounded and well-formed, however long question and answer are", () => {
  const texts = turnTexts({ question: "q".repeat(32_000), answer: `${"a".repeat(1_799)}😀`.repeat(90), at_ms }, time);
  expect(texts).toHaveLength(32);
  for (const text of texts) {
    expect(text.length).toBeLessThan(3_000);
    expect(text.isWellFormed()).toBe(true);
  }
});
