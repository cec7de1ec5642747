import { type CameraEvent, cameraEventCreated } from "@gatehouse/events";
import { expect, test } from "vitest";
import { parseWhen } from "./parse-when.ts";
import { whenHolds } from "./when.ts";

const event: CameraEvent = {
  ...cameraEventCreated.example,
  enrichment: { status: "full", results: { plate: { text: "B-X 1", sure: 0.9 }, faces: ["ada", "bob"] } },
};

const holds = (condition: string, on = "camera.front-door.event.created") => {
  const when = parseWhen(condition, (fault) => expect.fail(fault))!;
  return whenHolds(when, { event, on });
};

test("whenHolds() looks at the subject first", () => {
  expect(holds("camera.*.event.created")).toBe(true);
  expect(holds("camera.front-door.event.*")).toBe(true);
  expect(holds("camera.gate.event.*")).toBe(false);
  expect(holds("camera.*.event.updated")).toBe(false);
  expect(holds("camera.*.event.updated", "camera.gate.event.updated")).toBe(true);
});

test.each([
  ["risk.level = medium", true],
  ["risk.level != medium", false],
  ["risk.level = medium and risk.score > 42", false],
  ["risk.score >= 42 and risk.score <= 42", true],
  ["risk.score < 42", false],
  ["labels = dog", true],
  ["labels != dog", false],
  ["labels = cat", false],
  ["ended_at_ms = null", false],
  ["fast_path = false", true],
  ['enrichment.results.plate.text = "B-X 1"', true],
  ["enrichment.results.plate.sure > 0.5", true],
  ["enrichment.results.faces = bob", true],
  ["enrichment.results.depth > 0", false],
  ["enrichment.results.depth < 0", false],
  ["enrichment.results.depth = null", true],
  ["enrichment.results.depth != 1", true],
  ["enrichment.results.toString != null", false],
])("whenHolds() finds that %j is %s", (condition, expected) => {
  expect(holds(`camera.*.event.* with ${condition}`)).toBe(expected);
});
