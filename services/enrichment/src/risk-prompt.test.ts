import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { batchWith } from "./detections.fixture.ts";
import { countLabels, PROMPT_VERSION, riskMessages } from "./risk-prompt.ts";

const T = Date.UTC(2026, 10, 21, 2, 30);
const facts = {
  camera_id: "gate",
  camera_name: "Front Gate",
  batches: [
    batchWith({ started_at_ms: T, last_at_ms: T + 4_000, labels: { person: 2, dog: 1 }, max_confidence: 0.876 }),
    batchWith({ started_at_ms: T + 6_000, last_at_ms: T + 12_400, labels: { person: 3 }, max_confidence: 0.5 }),
  ],
  ended: true,
};

test("riskMessages() tells the facts of all batches of an event", () => {
  const [system, user] = riskMessages(facts);
  expect(system!.role).toBe("system");
  expect(user!.content.split("\n")).toEqual([
    "Camera Front Gate saw person, dog for 12 s.",
    "Time: 2026-11-21T02:30:00.000Z",
    "Boxes over all frames: 6",
    "Highest confidence: 0.88",
    "Camera id: gate",
  ]);
});

test("riskMessages() says when the event goes on", () => {
  expect(riskMessages({ ...facts, ended: false })[1]!.content).toContain("for 12 s, still going on.");
});

test("the words of the prompt changed: raise PROMPT_VERSION, then note their hash here", () => {
  const words = JSON.stringify([riskMessages(facts), riskMessages({ ...facts, ended: false })]);
  const hash = createHash("sha256").update(words).digest("hex").slice(0, 16);
  expect({ [PROMPT_VERSION]: hash }).toEqual({ "risk-2": "6ad1d1a21c427781" });
});

test("countLabels() adds up over batches", () => {
  expect(countLabels(facts.batches)).toEqual({ person: 5, dog: 1 });
});
