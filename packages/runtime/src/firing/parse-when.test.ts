import { expect, test } from "vitest";
import { parseWhen } from "./parse-when.ts";

function read(text: string) {
  const faults: string[] = [];
  const when = parseWhen(text, (fault) => faults.push(fault));
  expect(when === null).toBe(faults.length > 0);
  return { when, faults };
}

test("parseWhen() reads a subject with comparisons of any field, each value of its field's type", () => {
  const text = `camera.front-door.event.*  with risk.score>=85 and risk.level != "high" and labels = person
    and fast_path = true and ended_at_ms = null and enrichment.results.plate.text = "B \\"X\\" 1" and camera_id = 42`;
  expect(read(text).when).toEqual({
    subject: "camera.front-door.event.*",
    conditions: [
      { field: "risk.score", operator: ">=", value: 85 },
      { field: "risk.level", operator: "!=", value: "high" },
      { field: "labels", operator: "=", value: "person" },
      { field: "fast_path", operator: "=", value: true },
      { field: "ended_at_ms", operator: "=", value: null },
      { field: "enrichment.results.plate.text", operator: "=", value: 'B "X" 1' },
      { field: "camera_id", operator: "=", value: "42" },
    ],
  });
  expect(read("camera.*.event.updated").when).toEqual({ subject: "camera.*.event.updated", conditions: [] });
});

test.each([
  ["", "must begin with camera.*.event.created"],
  ["alert.fire", "must begin with camera.*.event.created or camera.*.event.updated"],
  ["camera.*.event.> with revision = 1", "must begin with"],
  ["camera.*.detections", "must begin with"],
  ["camera.front.door.event.created", "must begin with"],
  ["camera.*.event.created.now", "must begin with"],
  ["camera.*.event.created where revision = 1", 'must have "with" after its subject: current value is "where"'],
  ["camera.*.event.created with", 'must have a field, a comparison and a value after "with"'],
  ["camera.*.event.created with revision = 1 and", 'a value after "and"'],
  ["camera.*.event.created with revision = 1 or revision = 2", 'must have "and" between comparisons'],
  ["camera.*.event.created with risk.levl = high", 'which is no field of an event: did you mean "risk.level"'],
  ["camera.*.event.created with risk = high", "must compare risk with a map"],
  ["camera.*.event.created with risk.level = severe", 'with "low" or "medium" or "high" or "critical" or null'],
  ["camera.*.event.created with risk.level > low", "must compare risk.level by = or !=, or with a number"],
  ["camera.*.event.created with risk.score = many", "must compare risk.score with a whole number 0..100 or null"],
  ["camera.*.event.created with revision = null", "must compare revision with a whole number at least 0"],
  ["camera.*.event.created with revision contains 1", "must have one of = != > >= < <= after revision"],
  ["camera.*.event.created with __proto__ = 1", "is no field of an event"],
  ["camera.*.event.created with enrichment.results.__proto__ = 1", "is no field of an event"],
  ["camera.*.event.created with constructor.name = x", "is no field of an event"],
  ["camera.*.event.created with risk..level = high", "is no field of an event"],
  ['camera.*.event.created with camera_id = "open', "must be read as a condition"],
  ["camera.*.event.created with revision ! 1", "must be read as a condition"],
])("parseWhen() refuses %j and says what it wants", (text, fault) => {
  expect(read(text).faults.join("\n")).toContain(fault);
});

test("parseWhen() tells all that is wrong, refuses a seventeenth comparison, and is not held up by what is long", () => {
  expect(read("door with risk.levl = high and revision = x").faults).toHaveLength(3);
  const many = Array.from({ length: 17 }, () => "revision=1").join(" and ");
  expect(read(`camera.*.event.* with ${many}`).faults).toEqual(["must have at most 16 comparisons: it has 17"]);
  for (const hostile of ['"'.repeat(1_000), "\\".repeat(1_000), " ".repeat(1_000), '"\\'.repeat(500)]) read(hostile);
});
