import { expect, test } from "vitest";
import { CallNumbers } from "./call-numbers.ts";

type Sent = Parameters<CallNumbers["number"]>[0];
const called = (name: string, args: string) => ({ function: { name, arguments: args } });
const adds = (args: string) => ({ function: { arguments: args } });

/** The calls that a reader puts together of the pieces, by their numbers. */
function read(pieces: Sent[]) {
  const numbers = new CallNumbers();
  const calls: { id: string; name: string; arguments: string }[] = [];
  for (const piece of pieces) {
    const { index, id, function: more } = numbers.number(piece);
    calls[index] ??= { id: "", name: "", arguments: "" };
    calls[index].id += id ?? "";
    calls[index].name += more?.name ?? "";
    calls[index].arguments += more?.arguments ?? "";
  }
  return calls;
}

test.each<[string, Sent[]]>([
  ["without an index", [called("look", '{"at":1}'), called("look", '{"at":2}')]],
  ["all number 0, with ids", [0, 1].map((n) => ({ index: 0, id: `c${n}`, ...called("look", `{"at":${n + 1}}`) }))],
  ["all number 0, without ids", [1, 2].map((at) => ({ index: 0, id: "", ...called("look", `{"at":${at}}`) }))],
  [
    "without an index, in pieces",
    [called("look", ""), adds('{"at"'), adds(":1}"), called("look", ""), adds('{"at":2}')],
  ],
  [
    "with an index in their first pieces only",
    [{ index: 0, ...called("look", "") }, adds('{"at":1}'), { index: 1, ...called("look", "") }, adds('{"at":2}')],
  ],
  ["numbered from 1", [1, 2].map((at) => ({ index: at, ...called("look", `{"at":${at}}`) }))],
  [
    "two at a time in pieces, with a new id and their names in each",
    [
      { index: 0, id: "a", ...called("look", "") },
      { index: 1, id: "b", ...called("look", "") },
      { index: 0, id: "c", ...adds('{"at":1}') },
      { index: 1, ...called("look", '{"at"') },
      { index: 1, ...called("look", ":2}") },
    ],
  ],
])("number() keeps two calls apart that come %s", (_how, pieces) => {
  const calls = read(pieces);
  expect(calls).toMatchObject([
    { name: "look", arguments: '{"at":1}' },
    { name: "look", arguments: '{"at":2}' },
  ]);
  expect(calls.every(({ id }) => id !== "")).toBe(true);
  expect(calls[0]!.id).not.toBe(calls[1]!.id);
});

test("number() leaves the id of a server as it is, and puts together a name that comes in pieces", () => {
  const pieces = [{ index: 0, id: "c7", ...called("get_", "") }, { index: 0, ...called("weather", "") }, adds("{}")];
  expect(read(pieces.slice(0, 2))).toEqual([{ id: "c7", name: "get_weather", arguments: "" }]);
});
