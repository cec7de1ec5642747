import { expect, test } from "vitest";
import { turnsAfterFacts } from "./turns-after-facts.ts";

const turn = (question: string, at_ms: number) => ({
  kind: "turn" as const,
  text: `Conversation on Monday.\nAsked: ${question}\nAnswered: I do not know.`,
  at_ms,
});
const document = (text: string) => ({ kind: "document" as const, text, at_ms: null });
const event = (text: string) => ({ kind: "event" as const, text, at_ms: 1 });

test("turnsAfterFacts() leaves one turn among documents and events, and puts the others behind them", () => {
  const [first, second] = [turn("Who came?", 1), turn("Who was at the gate?", 2)];
  const [a, b] = [event("a person"), document("b")];
  expect(turnsAfterFacts([first, second, a, b])).toEqual([first, a, b, second]);
  expect(turnsAfterFacts([a, first, second, b])).toEqual([a, first, b, second]);
  expect(turnsAfterFacts([first, second])).toEqual([first, second]);
  expect(turnsAfterFacts([])).toEqual([]);
});

test("turnsAfterFacts() takes of turns with the same question the newest alone", () => {
  const [old, newer] = [turn("Who came?", 1), turn("who  came", 9)];
  const other = turn("Who else?", 3);
  const fact = document("Asked: Who came? Answered: nobody knows");
  expect(turnsAfterFacts([old, fact, newer, other])).toEqual([fact, newer, other]);
});
