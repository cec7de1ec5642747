import { describe, expect, test } from "vitest";
import { cameraFrame } from "./camera-frame.ts";
import { eventTypeOf } from "./event-types.ts";
import { pipelineTrigger } from "./pipeline-trigger.ts";
import { thrownBy } from "./received.fixture.ts";
import {
  isPattern,
  matchSubject,
  patternContains,
  patternsOverlap,
  subjectMatches,
  subjectOf,
  wildcardOf,
} from "./subjects.ts";

test.each([
  ["camera.gate.frame", { camera_id: "gate" }],
  ["camera.*.frame", { camera_id: "*" }],
  ["camera.gate.frames", null],
  ["camera.gate", null],
  ["camera.gate.frame.x", null],
  ["camera.a.b.frame", null],
  ["Camera.gate.frame", null],
  ["", null],
])("matchSubject(camera-frame, %j) is %j", (subject, ids) => {
  expect(matchSubject(cameraFrame, subject)).toEqual(ids);
});

test("matchSubject() finds no ids where the subject has none", () => {
  expect(matchSubject(pipelineTrigger, "ai.pipeline.trigger")).toEqual({});
});

test("subjectOf() builds what matchSubject() takes apart", () => {
  expect(subjectOf(cameraFrame, { camera_id: "gate" })).toBe("camera.gate.frame");
});

test.each(["a.b", "*", ">", "", "a b", "../x", undefined, 5, "a".repeat(65)])(
  "subjectOf() refuses the id %j",
  (camera_id) => {
    expect(thrownBy(() => subjectOf(cameraFrame, { camera_id }))).toMatchObject({
      code: "BAD_SUBJECT",
      retry: "never",
    });
  },
);

test("wildcardOf() puts a star for every id", () => {
  expect(wildcardOf(cameraFrame)).toBe("camera.*.frame");
  expect(wildcardOf({ subject: "a.{b}.{c}" })).toBe("a.*.*");
});

test("eventTypeOf() knows the event of a subject", () => {
  expect(eventTypeOf("camera.gate.frame")?.name).toBe("camera-frame");
  expect(eventTypeOf("camera.gate.event.updated")?.name).toBe("camera-event-updated");
  expect(eventTypeOf("alert.x")).toBeNull();
});

test.each([
  ["a.b", "a.b", true],
  ["a.b", "a.c", false],
  ["a.*", "a.b", true],
  ["a.*", "a", false],
  ["a.*", "a.b.c", false],
  ["*.b", "a.b", true],
  ["a.>", "a.b", true],
  ["a.>", "a.b.c", true],
  ["a.>", "a", false],
  [">", "a", true],
  ["a.*.>", "a.b", false],
  ["a.*.>", "a.b.c", true],
])("subjectMatches(%j, %j) is %j", (pattern, subject, matches) => {
  expect(subjectMatches(pattern, subject)).toBe(matches);
});

const CONTAINED: [outer: string, inner: string, contained: boolean][] = [
  ["a.b", "a.b", true],
  ["a.*", "a.b", true],
  ["a.*", "a.*", true],
  ["a.b", "a.*", false],
  ["a.*", "a.>", false],
  ["a.>", "a.*", true],
  ["a.>", "a.>", true],
  ["a.>", "a.b.>", true],
  ["a.>", "a", false],
  ["a.b.>", "a.>", false],
  [">", ">", true],
  [">", "a.*.b", true],
  ["*", ">", false],
  ["*.*", "a.>", false],
  ["*.>", "a.>", true],
  ["*.>", ">", false],
  ["camera.*.frame", "camera.gate.frame", true],
  ["camera.*.frame", "camera.>", false],
  ["camera.*.event.>", "camera.*.event.created", true],
  ["camera.*.event.>", "camera.*.*.created", false],
  ["ai.chat.user.me.>", "ai.chat.user.*.message", false],
];

describe("patternContains()", () => {
  test.each(CONTAINED)("patternContains(%j, %j) is %j", (outer, inner, contained) => {
    expect(patternContains(outer, inner)).toBe(contained);
  });

  test.each(CONTAINED)(
    "patternContains(%j, %j) agrees with every subject of three tokens",
    (outer, inner, contained) => {
      const words = ["a", "b", "camera", "gate", "frame", "event", "created", "x"];
      const subjects = [
        ...words,
        ...words.flatMap((x) => words.map((y) => `${x}.${y}`)),
        ...words.flatMap((x) => words.flatMap((y) => words.map((z) => `${x}.${y}.${z}`))),
      ];
      const outside = subjects.filter((subject) => subjectMatches(inner, subject) && !subjectMatches(outer, subject));
      if (contained) expect(outside).toEqual([]);
      else if (inner.split(".").length <= 2) expect(outside).not.toEqual([]);
    },
  );
});

test.each([
  ["a.b", "a.b", true],
  ["a.b", "a.c", false],
  ["a.*", "*.b", true],
  ["a.*", "b.*", false],
  ["a.>", "a", false],
  ["a.>", "a.*", true],
  ["a.>", "*.b.c", true],
  ["a.>", "b.>", false],
  [">", "x", true],
  ["a.*", "a.b.c", false],
  ["camera.*.frame", "camera.*.event.>", false],
  ["camera.*.frame", "camera.>", true],
  ["a.*.c", "a.b.>", true],
])("patternsOverlap(%j, %j) is %j, both ways round", (a, b, overlap) => {
  expect(patternsOverlap(a, b)).toBe(overlap);
  expect(patternsOverlap(b, a)).toBe(overlap);
});

test.each([
  ["camera.*.frame", true],
  ["camera.>", true],
  [">", true],
  ["*", true],
  ["ünï.code", true],
  ["", false],
  ["a..b", false],
  [".a", false],
  ["a.", false],
  ["a.>.b", false],
  ["a.b>", false],
  ["a*.b", false],
  ["a b", false],
  ["a\tb", false],
  ["a\u0000b", false],
  ["a\r\nPUB x 0", false],
  ["a".repeat(256), true],
  ["a".repeat(257), false],
])("isPattern(%j) is %j", (text, holds) => {
  expect(isPattern(text)).toBe(holds);
});
