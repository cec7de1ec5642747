import { expect, test } from "vitest";
import { encode, toJson } from "./codec.ts";
import { decodeEvent } from "./decode-event.ts";
import { eventTypes } from "./event-types.ts";
import { receivedAs } from "./received.fixture.ts";
import { patternsOverlap, wildcardOf } from "./subjects.ts";

const named = eventTypes.map((event) => [event.name, event] as const);

test("eventTypes have names of their own, in kebab-case", () => {
  const names = eventTypes.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)+$/);
});

test("eventTypes have subjects that no other event can meet", () => {
  for (const [i, one] of eventTypes.entries())
    for (const other of eventTypes.slice(i + 1))
      expect([one.name, other.name, patternsOverlap(wildcardOf(one), wildcardOf(other))]).toEqual([
        one.name,
        other.name,
        false,
      ]);
});

test.each(named)("%s: the example comes back the same from MessagePack and JSON", (_name, event) => {
  expect(decodeEvent(event, receivedAs(event, encode(event.example)))).toEqual(event.example);
  expect(decodeEvent(event, receivedAs(event, toJson(event.example)))).toEqual(event.example);
});

test.each(named)("%s: the ids in the subject are fields of the body", (_name, event) => {
  for (const [, field] of event.subject.matchAll(/\{(\w+)\}/g))
    expect(Object.keys(event.schema.properties)).toContain(field);
});

test("message ids are those of the contract", () => {
  const ids = eventTypes.filter(({ id }) => id).map((event) => [event.name, event.id!(event.example)]);
  expect(Object.fromEntries(ids)).toEqual({
    "camera-frame": "front-door.f-81",
    "camera-detections": "front-door.f-81.detections",
    "camera-event-created": "front-door.f-81.0",
    "camera-event-updated": "front-door.f-81.1",
  });
});
