import { Type } from "@sinclair/typebox";
import { expect, test } from "vitest";
import { cameraDetections } from "./camera-detections.ts";
import { decodeBody, encode } from "./codec.ts";
import { encodeEvent } from "./decode-event.ts";
import { eventTypes } from "./event-types.ts";
import { compilePlainWriter } from "./write-plain.ts";

const Everything = Type.Object({
  text: Type.String(),
  number: Type.Number(),
  truth: Type.Boolean(),
  list: Type.Array(Type.Union([Type.Number(), Type.Null()])),
});
const write = compilePlainWriter(Everything)!;
const value = { text: "", number: 0, truth: true, list: [] as (number | null)[] };

test.each(eventTypes.map((event) => [event.name, event] as const))(
  "encodeEvent(%s) writes what the library's decoder reads back",
  (_name, event) => {
    expect(decodeBody(encodeEvent(event, event.example as never)).fields).toEqual(event.example);
  },
);

test.each([
  0,
  -0,
  1,
  127,
  128,
  255,
  256,
  65_535,
  65_536,
  2 ** 32 - 1,
  2 ** 32,
  1_763_700_000_000,
  2 ** 53 - 1,
  -1,
  -32,
  -33,
  -128,
  -129,
  -32_768,
  -32_769,
  -(2 ** 31),
  -(2 ** 31) - 1,
  -(2 ** 53) + 1,
  0.1,
  -1.5,
  2 ** 60,
  Number.NaN,
  Infinity,
  -Infinity,
])("compilePlainWriter() writes the number %d as the library does", (number) => {
  expect(write({ ...value, number })).toEqual(encode({ ...value, number }));
});

test.each([
  "",
  "a",
  "a".repeat(31),
  "a".repeat(32),
  "ä".repeat(16),
  "ä",
  "😀",
  "a".repeat(255),
  "a".repeat(256),
  "ß".repeat(40_000),
])("compilePlainWriter() writes text as the library does (%#)", (text) => {
  expect(write({ ...value, text })).toEqual(encode({ ...value, text }));
});

test.each([0, 1, 15, 16, 65_535, 65_536])("compilePlainWriter() writes a list of %d as the library does", (length) => {
  const list = Array.from({ length }, (_, i) => (i % 3 ? i : null));
  expect(write({ ...value, list })).toEqual(encode({ ...value, list }));
});

test("compilePlainWriter() leaves out what is undefined, and leaves unknown fields and wrong types to the library", () => {
  expect(write({ ...value, truth: undefined })).toEqual(encode({ ...value, truth: undefined }));
  expect(write({ ...value, more: 1 })).toBeNull();
  expect(write({ ...value, text: 1 })).toBeNull();
  expect(write({ ...value, list: ["a"] })).toBeNull();
  expect(write(value)).toEqual(encode(value));
});

test("compilePlainWriter() writes as before after a value that threw", () => {
  const torn = {
    ...value,
    get truth(): boolean {
      throw new RangeError("no memory");
    },
  };
  expect(() => write(torn)).toThrow("no memory");
  expect(write(value)).toEqual(encode(value));
});

test("compilePlainWriter() leaves names that are longer than 31 bytes to the library", () => {
  const writer = (name: string) => compilePlainWriter(Type.Object({ [name]: Type.Number() }));
  for (const name of ["n".repeat(32), "ä".repeat(16)]) expect(writer(name)).toBeNull();
  for (const name of ["n".repeat(31), "ä".repeat(15)])
    expect(writer(name)!({ [name]: 1 })).toEqual(encode({ [name]: 1 }));
});

test("encodeEvent() gives bytes that no later one changes, also where a sheet ends within a body", () => {
  const sets = Array.from({ length: 500 }, (_, i) => ({ ...cameraDetections.example, frame_id: `f-${i}` }));
  const bodies = sets.map((set) => encodeEvent(cameraDetections, set));
  expect(bodies.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(2 * 32 * 1024);
  expect(bodies.map((body) => decodeBody(body).fields)).toEqual(sets);
});
