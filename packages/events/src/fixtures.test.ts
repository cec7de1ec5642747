import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decodeEvent } from "./decode-event.ts";
import { eventTypes } from "./event-types.ts";
import { receivedAs } from "./received.fixture.ts";

const FOLDER = join(import.meta.dirname, "../fixtures");

test("every event has a stored message, and every stored message its event", () => {
  const stored = readdirSync(FOLDER).filter((name) => name.endsWith(".msgpack"));
  expect(stored.sort()).toEqual(eventTypes.map(({ name }) => `${name}.msgpack`).sort());
});

test.each(eventTypes.map((event) => [event.name, event] as const))(
  "%s: today's reader understands the stored message, field for field",
  (name, event) => {
    const json = readFileSync(join(FOLDER, `${name}.gen.json`));
    const fromMessagePack = decodeEvent(event, receivedAs(event, readFileSync(join(FOLDER, `${name}.msgpack`))));
    expect(fromMessagePack).toEqual(decodeEvent(event, receivedAs(event, json)));
    expect(Object.keys(fromMessagePack as object)).toEqual(
      expect.arrayContaining(Object.keys(JSON.parse(json.toString()))),
    );
  },
);
