import { expect, test } from "vitest";
import { cameraDetections } from "./camera-detections.ts";
import { compileClean } from "./clean.ts";
import { decodeBody, encode } from "./codec.ts";
import type { EventType } from "./define-event.ts";
import { eventTypes } from "./event-types.ts";
import { compilePlainReader } from "./read-plain.ts";
import { seeded } from "./received.fixture.ts";

const ROUNDS = 5_000;
const read = compilePlainReader(cameraDetections.schema)!;
const { example } = cameraDetections;

/** What the careful reader makes of a body; undefined where it refuses it. */
function carefully(event: EventType, body: Uint8Array): unknown {
  try {
    return compileClean(event.schema)(decodeBody(body).fields, false);
  } catch {
    return undefined;
  }
}

const plain = eventTypes.flatMap((event) => {
  const reader = compilePlainReader(event.schema);
  return reader ? [[event.name, event, reader] as const] : [];
});

test("compilePlainReader() reads the events of cameras", () => {
  expect(plain.map(([name]) => name)).toEqual(expect.arrayContaining(["camera-frame", "camera-detections"]));
});

test.each(plain)("compilePlainReader(%s) reads its example as the careful reader does", (_name, event, reader) => {
  const body = encode(event.example);
  expect(reader(body)).toEqual(carefully(event, body));
});

test.each(plain)(
  "compilePlainReader(%s) reads what it reads of changed bodies as the careful reader does",
  (_name, event, reader) => {
    const random = seeded(7);
    const whole = encode(event.example);
    let taken = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const body = whole.slice(0, random() < 0.1 ? Math.floor(random() * whole.length) : whole.length);
      for (let n = 0; n <= random() * 3; n++) body[Math.floor(random() * body.length)] = Math.floor(random() * 256);
      const value = reader(body);
      if (value === null) continue;
      taken++;
      expect(value).toEqual(carefully(event, body));
    }
    expect(taken).toBeGreaterThan(ROUNDS / 100);
  },
);

test.each<[string, unknown]>([
  ["an unknown field", { ...example, more: 1 }],
  ["a wrong type", { ...example, camera_id: 5 }],
  ["text with U+0000", { ...example, camera_id: "a\u0000b" }],
  ["long text with U+0000", { ...example, camera_id: `${"a".repeat(100)}\u0000` }],
  ["a map where a list must be", { ...example, detections: {} }],
])("compilePlainReader() leaves %s to the careful reader", (_what, value) => {
  expect(read(encode(value as object))).toBeNull();
});

test("compilePlainReader() leaves a repeated field, a list that is longer than its body and bytes behind the end alone", () => {
  const body = encode({ frame_id: "f-1" });
  const twice = Buffer.concat([Buffer.of(0x82), body.subarray(1), body.subarray(1)]);
  expect(read(twice)).toBeNull();
  const long = Buffer.concat([Buffer.of(0x81), encode({ detections: 0 }).subarray(1, -1), Buffer.of(0xdd, 0, 1, 0, 0)]);
  expect(read(long)).toBeNull();
  expect(read(Buffer.concat([encode(example), Buffer.of(0)]))).toBeNull();
  expect(read(new Uint8Array())).toBeNull();
});
