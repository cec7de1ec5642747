import { type TSchema, Type } from "@sinclair/typebox";
import { expect, test } from "vitest";
import { compileCheck } from "./check.ts";
import { Bytes, OneOf, OrNull } from "./fields.ts";
import { thrownBy } from "./received.fixture.ts";

const words = OneOf(["a", "b"], "A word");

test.each<[TSchema, unknown, string]>([
  [Type.Integer({ minimum: 1, maximum: 64 }), 0, "must be a whole number 1..64: current value is 0"],
  [Type.Integer({ minimum: 1 }), 1.5, "must be a whole number at least 1: current value is 1.5"],
  [Type.Number({ maximum: 3 }), 4, "must be at most 3: current value is 4"],
  [Type.Number(), "x", 'must be a number: current value is "x"'],
  [Type.String({ maxLength: 2 }), "abc", 'must be text of at most 2 characters: current value is "abc"'],
  [Type.String({ pattern: "^x$" }), "y", 'must be text that matches ^x$: current value is "y"'],
  [Type.Boolean(), 1, "must be true or false: current value is 1"],
  [Type.Array(Type.String()), {}, "must be a list: current value is a map of 0"],
  [Type.Object({}), [], "must be a map: current value is a list of 0"],
  [words, "c", 'must be "a" or "b": current value is "c"'],
  [OrNull(words), "c", 'must be "a" or "b" or null: current value is "c"'],
  [OrNull(Type.String()), 1, "must be text or null: current value is 1"],
  [Bytes("Some"), "x", 'must be bytes (in JSON base64 text): current value is "x"'],
])("violations() of %j say for %j: %s", (schema, value, message) => {
  expect(compileCheck(Type.Object({ field: schema })).violations({ field: value })).toEqual([
    { path: "field", message },
  ]);
});

test("violations() names every field once, and no more than asked", () => {
  const check = compileCheck(
    Type.Object({ a: Type.String(), b: Type.Object({ c: Type.Integer() }), d: OrNull(Type.Object({ e: words })) }),
  );
  expect(check.violations({ b: { c: "x" }, d: { e: 1 } })).toEqual([
    { path: "a", message: "is missing" },
    { path: "b.c", message: 'must be a whole number: current value is "x"' },
    { path: "d.e", message: 'must be "a" or "b": current value is 1' },
  ]);
  expect(check.violations({}, 2)).toHaveLength(2);
});

test("assert() begins with the action and carries the path", () => {
  const check = compileCheck(Type.Object({ a: Type.String() }));
  expect(thrownBy(() => check.assert({}, "Cannot read it"))).toMatchObject({
    code: "SCHEMA_VIOLATION",
    message: "Cannot read it as a is missing",
    facts: { path: "a" },
  });
  expect(check.holds({ a: "x" })).toBe(true);
});
