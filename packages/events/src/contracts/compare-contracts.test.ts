import { type TObject, type TProperties, type TSchema, Type } from "@sinclair/typebox";
import { expect, test } from "vitest";
import { Bytes, OneOf, OrNull } from "../fields.ts";
import { compareContracts } from "./compare-contracts.ts";
import type { Contracts } from "./contracts.ts";
import { jsonSchemaOf } from "./json-schema.ts";

const contract = (schema: TObject): Contracts => ({ "a.{id}": { name: "a", schema: jsonSchemaOf({ schema }) } });
const compare = (was: TProperties, now: TProperties) =>
  compareContracts(contract(Type.Object(was)), contract(Type.Object(now)));
const words = (...all: string[]) => OneOf(all, "Words") as unknown as TSchema;
const text = Type.String();

test.each<[what: string, was: TProperties, now: TProperties, breach: string]>([
  ["a removed field", { x: text, y: text }, { x: text }, "y was removed or renamed"],
  ["a renamed field", { x: text }, { y: Type.Optional(text) }, "x was removed or renamed"],
  ["another type", { x: text }, { x: Type.Integer() }, "x was retyped: string became integer"],
  [
    "a fraction in place of a whole number",
    { x: Type.Integer() },
    { x: Type.Number() },
    "x was retyped: integer became number",
  ],
  ["text in place of bytes", { x: Bytes("") }, { x: text }, "x was retyped: base64 bytes became string"],
  ["a null that was not there", { x: text }, { x: OrNull(text) }, "x was retyped: string became string or null"],
  ["a null that is gone", { x: OrNull(text) }, { x: text }, "x was retyped: string or null became string"],
  ["an optional field made required", { x: Type.Optional(text) }, { x: text }, "x was made required"],
  ["a required field made optional", { x: text }, { x: Type.Optional(text) }, "x was made optional"],
  ["a new required field", {}, { x: text }, "x is new and required: only optional fields are added"],
  ["a lost word", { x: words("a", "b") }, { x: words("a") }, 'x lost the word "b"'],
  ["free text made words", { x: text }, { x: words("a", "b") }, "x now takes only a, b"],
  ["a lost word beside null", { x: OrNull(words("a", "b")) }, { x: OrNull(words("b")) }, 'x lost the word "a"'],
  [
    "a field two levels down",
    { x: Type.Object({ y: Type.Object({ z: text }) }) },
    { x: Type.Object({ y: Type.Object({}) }) },
    "x.y.z was removed or renamed",
  ],
  [
    "a field of a list's items",
    { x: Type.Array(Type.Object({ y: text })) },
    { x: Type.Array(Type.Object({ y: Type.Null() })) },
    "x[].y was retyped: string became null",
  ],
  [
    "a field beside null",
    { x: OrNull(Type.Object({ y: text })) },
    { x: OrNull(Type.Object({})) },
    "x.y was removed or renamed",
  ],
  [
    "a smaller maximum",
    { x: Type.Integer({ maximum: 9 }) },
    { x: Type.Integer({ maximum: 8 }) },
    "x has a narrower maximum: 9 became 8",
  ],
  [
    "a new minimum",
    { x: Type.Integer() },
    { x: Type.Integer({ minimum: 0 }) },
    "x has a narrower minimum: none became 0",
  ],
  ["shorter text", { x: text }, { x: Type.String({ maxLength: 5 }) }, "x has a narrower maxLength: none became 5"],
  ["another pattern", { x: text }, { x: Type.String({ pattern: "^a$" }) }, "x has another pattern: none became ^a$"],
  [
    "another default",
    { x: Type.Integer({ default: 5 }) },
    { x: Type.Integer({ default: 6 }) },
    "x has another default: 5 became 6",
  ],
])("compareContracts() refuses %s", (_what, was, now, breach) => {
  expect(compare(was, now)).toEqual([`a.{id}: ${breach}`]);
});

test.each<[what: string, was: TProperties, now: TProperties]>([
  ["the same", { x: text }, { x: text }],
  ["a new optional field", {}, { x: Type.Optional(text) }],
  ["a new field with a default", {}, { x: Type.Boolean({ default: true }) }],
  ["a new word", { x: words("a", "b") }, { x: words("a", "b", "c") }],
  ["a wider limit", { x: Type.Integer({ minimum: 1, maximum: 9 }) }, { x: Type.Integer({ minimum: 0 }) }],
  ["another description", { x: Type.String({ description: "one" }) }, { x: Type.String({ description: "two" }) }],
  ["fields in another order", { x: text, y: text }, { y: text, x: text }],
])("compareContracts() allows %s", (_what, was, now) => {
  expect(compare(was, now)).toEqual([]);
});

test("compareContracts() refuses an event that is gone, and allows a new one", () => {
  const one = contract(Type.Object({}));
  expect(compareContracts(one, {})).toEqual([
    "a.{id}: the event was removed; keep it, others still publish or read it",
  ]);
  expect(compareContracts({}, one)).toEqual([]);
});
