import { type CameraEvent, cameraEventCreated } from "@gatehouse/events";
import { expect, test } from "vitest";
import { HouseTime } from "../house-time.ts";
import { eventText } from "./event-text.ts";

const { example } = cameraEventCreated;
const started_at_ms = Date.UTC(2026, 10, 20, 18, 30);
const textOf = (changes: Partial<CameraEvent> = {}, name = "Front Door") =>
  eventText(
    { ...example, started_at_ms, ended_at_ms: started_at_ms + 300_000, ...changes },
    name,
    new HouseTime("Europe/Berlin"),
  );

test("eventText() says where, when, what and how dangerous, in the words of questions", () => {
  expect(textOf()).toBe(
    [
      "Security event at camera Front Door (front-door) on Friday, 20 November 2026 at 19:30, in the evening.",
      "Seen: person, dog. It lasted 5 minutes. Risk: medium, 42 of 100.",
      "A person with a dog at the door",
      "One person, daylight",
      "Recommended: Look at the snapshot",
      "Event id: front-door.f-81",
    ].join("\n"),
  );
});

test("eventText() leaves out what is not known", () => {
  const risk = { ...example.risk, status: "unscored" as const, score: null, level: null, reasoning: "" };
  const bare = { ...risk, recommended_action: "" };
  expect(textOf({ ended_at_ms: null, labels: [], risk: bare }, "front-door")).toBe(
    [
      "Security event at camera front-door on Friday, 20 November 2026 at 19:30, in the evening.",
      "Nothing was recognised. It was still going on. Risk: not judged yet.",
      "A person with a dog at the door",
      "Event id: front-door.f-81",
    ].join("\n"),
  );
});

test("eventText() is bounded, however much a model or a detector says", () => {
  const long = "x".repeat(100_000);
  const risk = { ...example.risk, summary: long, reasoning: `${long}\ud800`, recommended_action: long };
  expect(textOf({ risk, labels: Array(5_000).fill("person") }).length).toBeLessThan(4_000);
});
