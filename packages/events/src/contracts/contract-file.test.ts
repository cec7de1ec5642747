import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Type } from "@sinclair/typebox";
import { expect, onTestFinished, test } from "vitest";
import { defineEvent, type EventType } from "../define-event.ts";
import { eventTypes } from "../event-types.ts";
import { checkContracts, writeContracts } from "./contract-file.ts";

const COMMITTED = join(import.meta.dirname, "../..");

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-contracts-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const event = (fields: object): EventType =>
  defineEvent({
    name: "test-event",
    summary: "For a test",
    subject: "test.event",
    schema: Type.Object(fields as Record<string, never>),
    example: {},
  }) as unknown as EventType;

test("checkContracts() finds nothing wrong with what is committed", async () => {
  expect(await checkContracts(COMMITTED, eventTypes)).toEqual([]);
});

test("checkContracts() refuses the committed contracts without one of the events", async () => {
  const [gone, ...rest] = eventTypes;
  expect(await checkContracts(COMMITTED, rest)).toEqual([
    expect.stringContaining(`${gone!.subject}: the event was removed`),
  ]);
});

test("writeContracts() writes what checkContracts() accepts", async () => {
  const folder = await emptyFolder();
  expect(await checkContracts(folder, eventTypes)).toEqual(["contracts.gen.json is missing: write it with --write"]);
  expect(await writeContracts(folder, eventTypes)).toEqual([]);
  expect(await checkContracts(folder, eventTypes)).toEqual([]);
  expect(await readdir(join(folder, "fixtures"))).toHaveLength(2 * eventTypes.length);
});

test("checkContracts() asks for a new event and its fixture to be written", async () => {
  const folder = await emptyFolder();
  await writeContracts(folder, []);
  expect(await checkContracts(folder, [event({})])).toEqual([
    "contracts.gen.json is older than the events: bring it up to date with --write",
    "fixtures/test-event.msgpack is missing: write it with --write",
  ]);
});

test("writeContracts() writes nothing when something would break", async () => {
  const folder = await emptyFolder();
  await writeContracts(folder, [event({ x: Type.Optional(Type.String()) })]);
  const before = await readFile(join(folder, "contracts.gen.json"), "utf8");
  expect(await writeContracts(folder, [event({})])).toEqual(["test.event: x was removed or renamed"]);
  expect(await readFile(join(folder, "contracts.gen.json"), "utf8")).toBe(before);
});

test("writeContracts() leaves stored messages as they are", async () => {
  const folder = await emptyFolder();
  await cp(join(COMMITTED, "fixtures"), join(folder, "fixtures"), { recursive: true });
  const fixture = join(folder, "fixtures/camera-frame.msgpack");
  await writeFile(fixture, "kept");
  await writeContracts(folder, eventTypes);
  expect(await readFile(fixture, "utf8")).toBe("kept");
});
