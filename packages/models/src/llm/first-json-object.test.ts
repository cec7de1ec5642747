import { expect, test } from "vitest";
import { firstJsonObject } from "./first-json-object.ts";

test.each([
  ["an object alone", '{"a":1}', { a: 1 }],
  ["prose around it", 'Sure: {"a":{"b":2}} and {"c":3}', { a: { b: 2 } }],
  ["braces and quotes in strings", '{"a":"} \\" {"}', { a: '} " {' }],
  ["thinking", '<think>{"a":0}</think>{"a":1}', { a: 1 }],
  ["thinking in the middle", 'So. <THINK>{"a":0}</THINK> {"a":1}', { a: 1 }],
  ["thinking whose opening is missing", 'maybe {"a":0}\n</think>\n{"a":1}', { a: 1 }],
  ["a thinking tag inside a string", '{"a":"<think>"}', { a: "<think>" }],
  ["braces that are no JSON first", 'use {braces} like {"a":1}', { a: 1 }],
  ["a brace that is never closed first", ':-{ {"a":1}', { a: 1 }],
])("firstJsonObject() finds it with %s", (_, text, object) => {
  expect(firstJsonObject(text)).toEqual(object);
});

test.each([
  ["thinking that is never closed", '<think>{"a":1}'],
  ["half an object", '{"a":1'],
  ["an array", "[1, 2]"],
  ["a string that is never closed", `{"${'\\"'.repeat(300_000)}`],
  ["nothing", ""],
  ["a long text behind braces that are never closed", `${"{ ".repeat(10)}${" ".repeat(1_000_000)}{"a":1}`],
  ["too many places to try", `${"{".repeat(100)}{"a":1}`],
])("firstJsonObject() finds none in %s", (_, text) => {
  expect(firstJsonObject(text)).toBeUndefined();
});
