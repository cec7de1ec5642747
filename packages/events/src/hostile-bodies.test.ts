import { expect, test } from "vitest";
import { encode, toJson } from "./codec.ts";
import { decodeEvent } from "./decode-event.ts";
import type { EventType } from "./define-event.ts";
import { eventTypes } from "./event-types.ts";
import { receivedAs, seeded } from "./received.fixture.ts";

const ALLOWED = ["UNDECODABLE", "SCHEMA_VIOLATION", "ID_MISMATCH"];
const ROUNDS = 500;

/** How a body ended: `read`, or the code of the refusal; anything else is a bug and is thrown on. */
function outcome(event: EventType, body: Uint8Array): string {
  try {
    decodeEvent(event, receivedAs(event, body));
    return "read";
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined || !ALLOWED.includes(code)) throw error;
    return code;
  }
}

const named = eventTypes.map((event) => [event.name, event] as const);

test.each(named)("decodeEvent(%s) refuses its example cut at any byte", (_name, event) => {
  for (const whole of [encode(event.example), new TextEncoder().encode(toJson(event.example))])
    for (let end = 0; end < whole.length; end++) expect(outcome(event, whole.subarray(0, end))).toBe("UNDECODABLE");
});

test.each(named)("decodeEvent(%s) survives changed bytes with a verdict", (_name, event) => {
  const random = seeded(81);
  const seen = new Set<string>();
  for (const whole of [encode(event.example), new TextEncoder().encode(toJson(event.example))])
    for (let round = 0; round < ROUNDS; round++) {
      const body = whole.slice();
      for (let n = 0; n <= random() * 4; n++) body[Math.floor(random() * body.length)] = Math.floor(random() * 256);
      seen.add(outcome(event, body));
    }
  expect(seen).toContain("UNDECODABLE");
  expect(seen.size).toBeGreaterThan(1);
});

test.each(named)("decodeEvent(%s) survives garbage with a verdict", (_name, event) => {
  const random = seeded(82);
  for (let round = 0; round < ROUNDS; round++) {
    const body = Uint8Array.from({ length: Math.floor(random() * 64) }, () => Math.floor(random() * 256));
    expect(outcome(event, body)).not.toBe("read");
  }
});

test.each(named)("decodeEvent(%s) refuses nonsense in the place of every field", (_name, event) => {
  const nonsense = [null, [], {}, [[{}]], { a: { b: [1] } }, Number.NaN, Number.POSITIVE_INFINITY, "\u0000", -1, true];
  for (const field of Object.keys(event.example as object))
    for (const value of nonsense)
      expect([...ALLOWED, "read"]).toContain(outcome(event, encode({ ...(event.example as object), [field]: value })));
});
