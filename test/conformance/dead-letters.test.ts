import { decodeBody, encode } from "@gatehouse/events";
import { ack } from "@gatehouse/runtime";
import type { MsgHdrs } from "@nats-io/nats-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BrokerWorld, startBroker } from "../harness/broker-world.ts";
import { collect } from "../harness/collect.ts";
import { declareNotes, noteReader, publishNotes } from "../harness/notes.ts";
import { BadInputError } from "../harness/planted-errors.ts";
import { runReader } from "../harness/run-reader.ts";
import { until } from "../harness/until.ts";

const declared = declareNotes({ max_handling_ms: 300 }, { duplicate_window_ms: 1_000 });
let world: BrokerWorld;
beforeEach(async () => {
  world = await startBroker(declared);
});
afterEach(() => world.stop());

const refuse = noteReader(async () => {
  throw new BadInputError('Cannot read note "ä" as it is empty\nwanted: text');
});

test("an error never keeps a copy with its body, its reason and all headers at the first try", async () => {
  const reader = await runReader(world, refuse, { declared });
  const body = encode({ note_id: "a", n: 1 });
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  await world.bus.publish("note.a.made", body, { id: "from-afar", headers: { traceparent } });
  const [dead] = await collect(world.bus, "DEAD_LETTERS", 1);
  expect(dead).toMatchObject({ subject: "dead.reader", msg_id: "reader.NOTES.1" });
  expect(Buffer.compare(dead!.body, body)).toBe(0);
  const { "Gatehouse-First-Failed-At": first, "Gatehouse-Last-Failed-At": last, ...headers } = dead!.headers;
  expect(headers).toMatchObject({
    "Gatehouse-Id": "a.1",
    "Gatehouse-Subject": "note.a.made",
    "Gatehouse-Stream": "NOTES",
    "Gatehouse-Seq": "1",
    "Gatehouse-Code": "BAD_INPUT",
    "Gatehouse-Reason": 'Cannot read note " " as it is empty wanted: text',
    "Gatehouse-Attempts": "1",
    "Gatehouse-Original-Nats-Msg-Id": "from-afar",
    "Gatehouse-Original-traceparent": traceparent,
  });
  expect(Number(first)).toBeLessThanOrEqual(Number(last));
  expect(Math.abs(Number(last) - dead!.time_ms)).toBeLessThan(60_000);
  await reader.stop();
});

test("what does not decode, and what no input reads, are dead letters at once", async () => {
  const reader = await runReader(
    world,
    noteReader(async () => ack),
    { declared },
  );
  await world.bus.publish("note.a.made", Buffer.from("not a map"));
  await world.bus.publish("note.a.torn", encode({ note_id: "a", n: 1 }));
  const dead = await collect(world.bus, "DEAD_LETTERS", 2);
  const codes = dead.map(({ headers }) => [headers["Gatehouse-Seq"], headers["Gatehouse-Code"]]).sort();
  expect(codes).toEqual([
    ["1", "UNDECODABLE"],
    ["2", "NO_INPUT"],
  ]);
  await reader.stop();
});

test("a body that fits the broker but not beside the reason is left out, and said so", async () => {
  const reader = await runReader(world, refuse, { declared });
  const max = world.bus.max_payload;
  const frame = encode({ note_id: "a", n: 1, padding: new Uint8Array(max - 64) });
  await world.bus.publish("note.a.made", frame);
  const [dead] = await collect(world.bus, "DEAD_LETTERS", 1);
  expect(dead!.body.length).toBe(0);
  expect(dead!.headers).toMatchObject({ "Gatehouse-Body": "omitted", "Gatehouse-Seq": "1" });
  await reader.stop();
});

test("a header whose name only the broker understands does not keep a message from its dead letter", async () => {
  const reader = await runReader(world, refuse, { declared });
  const head = "NATS/1.0\r\nX/Trace(1): far\r\n\r\n";
  const foreign = { encode: () => Buffer.from(head) } as unknown as MsgHdrs;
  world.bus.connection.publish("note.a.made", encode({ note_id: "a", n: 1 }), { headers: foreign });
  const [dead] = await collect(world.bus, "DEAD_LETTERS", 1);
  expect(dead!.headers).toMatchObject({ "Gatehouse-Code": "BAD_INPUT", "Gatehouse-Original-X/Trace(1)": "far" });
  await reader.stop();
});

test("headers that are too many to copy do not keep a message from its dead letter", async () => {
  const reader = await runReader(world, refuse, { declared });
  const headers = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`X-${i}`, `aé${"e".repeat(2_000)}`]));
  await world.bus.publish("note.a.made", encode({ note_id: "a", n: 1 }), { headers });
  const [dead] = await collect(world.bus, "DEAD_LETTERS", 1);
  expect(dead!.headers["Gatehouse-Original-X-0"]).toBe(`a ${"e".repeat(998)}`);
  expect(decodeBody(dead!.body).fields).toEqual({ note_id: "a", n: 1 });
  await reader.stop();
});

test("a bug, and a handler that runs too long and is aborted, are tried five times each, with the number of the try, then given up", async () => {
  const attempts: Record<string, number[]> = { bug: [], slow: [] };
  const read = noteReader(async ({ note_id }, { attempt, signal }) => {
    attempts[note_id]!.push(attempt);
    if (note_id === "bug") throw new TypeError("x is not a function");
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const reader = await runReader(world, read, { declared });
  for (const note_id of Object.keys(attempts)) await publishNotes(world.bus, note_id, 1);
  const dead = await collect(world.bus, "DEAD_LETTERS", 2);
  const told = Object.fromEntries(dead.map(({ headers }) => [headers["Gatehouse-Subject"], headers]));
  expect(told).toMatchObject({
    "note.bug.made": {
      "Gatehouse-Code": "INTERNAL",
      "Gatehouse-Reason": "x is not a function",
      "Gatehouse-Attempts": "5",
    },
    "note.slow.made": { "Gatehouse-Code": "HANDLING_TIMEOUT", "Gatehouse-Attempts": "5" },
  });
  expect(attempts).toEqual({ bug: [1, 2, 3, 4, 5], slow: [1, 2, 3, 4, 5] });
  await until("nothing is recorded any more", async () => (await world.bus.stream("KV_attempts")).messages === 0);
  await reader.stop();
});

test("while dead letters cannot be kept, the message stays and is not blamed for it", async () => {
  const { manager } = world.bus;
  await manager.streams.delete("DEAD_LETTERS");
  let tries = 0;
  const read = noteReader(async () => {
    tries++;
    throw new BadInputError("Cannot read it");
  });
  const reader = await runReader(world, read, { declared });
  await publishNotes(world.bus, "a", 1);
  await until("it was tried again", () => tries >= 3);
  expect((await world.bus.stream("NOTES")).messages).toBe(1);
  await manager.streams.add({ name: "DEAD_LETTERS", subjects: ["dead.>"] });
  const [dead] = await collect(world.bus, "DEAD_LETTERS", 1);
  expect(dead!.headers["Gatehouse-Code"]).toBe("BAD_INPUT");
  await reader.stop();
});

test("a message driven again comes with its own subject, id and time", async () => {
  let broken = true;
  const redriven: unknown[] = [];
  const read = noteReader(async (note, { delivery }) => {
    if (broken) throw new BadInputError("Cannot read it");
    redriven.push({ note, delivery });
    return ack;
  });
  const reader = await runReader(world, read, { declared });
  await world.bus.publish("note.a.made", encode({ note_id: "a", n: 7 }), { id: "from-afar" });
  const [dead] = await collect(world.bus, "DEAD_LETTERS", 1);
  const { time_ms } = (await world.bus.message("NOTES", 1))!;
  broken = false;
  const { "Nats-Msg-Id": _, ...headers } = dead!.headers;
  await world.bus.publish("redrive.reader", dead!.body, { id: `redrive.${dead!.seq}`, headers });
  await until("it was handled", () => redriven.length === 1);
  const delivery = { stream: "REDRIVE", subject: "note.a.made", seq: 1, msg_id: "from-afar", time_ms };
  expect(redriven).toEqual([{ note: { note_id: "a", n: 7 }, delivery }]);
  await reader.stop();
});
