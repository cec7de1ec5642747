import { cameraEventCreated } from "@gatehouse/events";
import type { ToldEvent } from "@gatehouse/store";
import { expect, test } from "vitest";
import { HouseTime } from "../house-time.ts";
import { type GreetingFacts, greetingWords } from "./greeting-words.ts";

const HOUR_MS = 3_600_000;
const EVENING = Date.UTC(2026, 10, 20, 18, 30);

function anEvent(risk: Partial<ToldEvent["risk"]> = {}): ToldEvent {
  const { example } = cameraEventCreated;
  return {
    ...example,
    started_at_ms: EVENING - HOUR_MS,
    camera_name: "Front Gate",
    risk: { ...example.risk, score: 72, level: "high", summary: "A man tried the handle", ...risk },
  };
}

const words = (facts: Partial<GreetingFacts>) =>
  greetingWords(
    {
      name: "Ada",
      at_ms: EVENING,
      since_ms: EVENING - 3 * HOUR_MS,
      told: { count: 0, serious: 0, worst: [] },
      ...facts,
    },
    new HouseTime("UTC"),
  );

test("greetingWords() says that nothing happened", () => {
  expect(words({})).toBe("Good evening, Ada. Nothing happened in the 3 hours you were away.");
  expect(words({ since_ms: EVENING - 5_000 })).toBe(
    "Good evening, Ada. Nothing happened since you were here a moment ago.",
  );
  expect(words({ since_ms: null })).toBe(
    "Good evening, Ada. Welcome to Gatehouse. Nothing happened in the last 24 hours.",
  );
});

test("greetingWords() says nothing of events to whoever may not see them", () => {
  expect(words({ told: null })).toBe("Good evening, Ada.");
});

test("greetingWords() counts what happened and tells the most serious with time, camera and risk", () => {
  expect(words({ told: { count: 4, serious: 2, worst: [anEvent(), anEvent({ score: 3 })] } })).toBe(
    "Good evening, Ada. 4 security events were recorded in the 3 hours you were away, 2 of them of high or critical risk." +
      " The most serious was at 17:30 at Front Gate (high risk, 72 of 100): A man tried the handle.",
  );
  expect(words({ told: { count: 1, serious: 1, worst: [anEvent()] } })).toBe(
    "Good evening, Ada. One security event was recorded in the 3 hours you were away." +
      " It was at 17:30 at Front Gate (high risk, 72 of 100): A man tried the handle.",
  );
});

test("greetingWords() tells an event that nobody judged, and one without a summary", () => {
  const worst = [anEvent({ score: null, level: null, summary: "" })];
  expect(words({ told: { count: 1, serious: 0, worst } })).toMatch(/\(not judged yet\): person, dog\.$/);
});

test("greetingWords() stays one line of bounded length, whatever names and summaries hold", () => {
  const worst = [anEvent({ summary: `a\u0000b\n\n${"x".repeat(5_000)}\ud800` })];
  const said = words({ name: `A\nd${"a".repeat(900)}`, told: { count: 1, serious: 1, worst } });
  expect(said.length).toBeLessThan(800);
  expect(said).not.toMatch(/\p{Cc}/u);
});
