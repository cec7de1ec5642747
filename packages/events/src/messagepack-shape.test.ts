import { encode } from "@msgpack/msgpack";
import { expect, test } from "vitest";
import { checkMessagePackShape } from "./messagepack-shape.ts";
import { thrownBy } from "./received.fixture.ts";

const list32 = [0xdd, 0, 1, 0x86, 0xa0];
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

test.each([
  ["nil and booleans", [null, true, false]],
  [
    "integers of every width",
    [0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32, 2 ** 40, -1, -33, -129, -32_769, -(2 ** 40)],
  ],
  ["floats", [0.5, -1.25e300]],
  ["text of every width", ["", "a".repeat(31), "a".repeat(32), "a".repeat(300), "a".repeat(70_000)]],
  ["bytes of every width", [new Uint8Array(3), new Uint8Array(300), new Uint8Array(70_000)]],
  ["lists of every width", [[], Array(15).fill(1), Array(16).fill(1), Array(70_000).fill(1)]],
  ["maps of every width", [{}, { a: 1 }, Object.fromEntries(Array.from({ length: 16 }, (_, i) => [i, i]))]],
  ["32 levels", nested(32)],
])("checkMessagePackShape() takes %s, and refuses them cut short", (_what, value) => {
  const body = encode(value);
  expect(checkMessagePackShape(body)).toBeUndefined();
  expect(thrownBy(() => checkMessagePackShape(body.subarray(0, -1))).message).toMatch(/ends/);
});

test("checkMessagePackShape() takes float32 and maps announced with 32 bits", () => {
  expect(checkMessagePackShape(Uint8Array.of(0xdf, 0, 0, 0, 1, 0xa1, 0x61, 0xca, 0, 0, 0, 0))).toBeUndefined();
});

test("checkMessagePackShape() refuses a list that announces more than the body can hold", () => {
  expect(thrownBy(() => checkMessagePackShape(Uint8Array.of(...list32, 1, 2)))).toMatchObject({ code: "UNDECODABLE" });
});

test("checkMessagePackShape() refuses a 33rd level, however many follow", () => {
  expect(thrownBy(() => checkMessagePackShape(encode(nested(33)))).message).toContain("at most 32 levels");
  expect(thrownBy(() => checkMessagePackShape(new Uint8Array(5_000_000).fill(0x91))).message).toContain("32 levels");
});

test("checkMessagePackShape() refuses extension types", () => {
  expect(thrownBy(() => checkMessagePackShape(Uint8Array.of(0xd4, 1, 1))).message).toContain("0xd4");
  expect(thrownBy(() => checkMessagePackShape(encode(new Date(0)))).code).toBe("UNDECODABLE");
});
