import { expect, test } from "vitest";
import { chatStorm } from "./chat-storm.ts";

test("every answer is whole, once, and what a model said, while everybody is killed and paused", async () => {
  const verdict = await chatStorm({
    answers: 40,
    tokens: 150,
    tokens_per_s: 50,
    sessions: 8,
    kills: 1,
    pauses: 1,
    long_pause_ms: 3_000,
    replicas: 2,
    seed: 7,
    every_ms: 350,
    tell: () => undefined,
  });
  expect(verdict).toMatchObject({ faults: [], answers: 40 });
  expect(verdict.continued).toBeGreaterThan(0);
  expect(verdict.errors).toBeGreaterThan(0);
}, 240_000);
