import { decodeBody } from "@gatehouse/events";
import { ack, applyStreams, type RunningMesh, type StoredMessage } from "@gatehouse/runtime";
import { mesh } from "@gatehouse/streams";
import { afterEach, beforeEach, expect, test } from "vitest";
import { collect } from "../harness/collect.ts";
import { declareConsumer } from "../harness/declare.ts";
import { dueReader, putNote } from "../harness/due-notes.ts";
import { BadInputError } from "../harness/planted-errors.ts";
import { runMesh } from "../harness/run-mesh.ts";
import { until } from "../harness/until.ts";
import { startWorld, TEST_STREAMS, type World } from "../harness/world.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const PAYLOAD = { n: 1, of: ["a", null, 0.5] };
const whole = mesh(TEST_STREAMS);
const declared = {
  ...whole,
  streams: whole.streams.map((stream) =>
    stream.name === "REDRIVE"
      ? { ...stream, consumers: [declareConsumer("reader-redrive", "redrive.reader")] }
      : stream,
  ),
};

let world: World;
let running: RunningMesh | null = null;
beforeEach(async () => {
  world = await startWorld();
  await applyStreams(world.bus, declared);
});
afterEach(async () => {
  await running?.stop();
  await world.stop();
});

const run = async (...handle: Parameters<typeof dueReader>) => {
  running = await runMesh(world, { services: [dueReader(...handle)], declared });
};
const redrive = ({ seq, body, headers: { "Nats-Msg-Id": _, ...headers } }: StoredMessage) =>
  world.bus.publish("redrive.reader", body, { id: `redrive.${seq}`, headers });
const taken = (seq: number) =>
  until("what was driven again is settled", async () => {
    const consumers = await world.bus.consumers("REDRIVE");
    return consumers.find(({ durable }) => durable === "reader-redrive")?.ack_floor_seq === seq;
  });
const nothingDue = () =>
  until("nothing is due any more", async () => (await world.db.query("select 1 from due")).length === 0);

test("due work that was given up and is driven again is handled once as it was; given up again, it has another letter", async () => {
  let broken = true;
  const handled: unknown[] = [];
  await run(async (payload, { due: { key, failures }, trace }) => {
    if (broken) throw new BadInputError("Cannot read it");
    handled.push({ key, payload, failures, trace: trace() });
    return ack;
  });
  await putNote(world.db, "a b/ä", { payload: PAYLOAD, trace: { traceparent: TRACEPARENT } });
  const [first] = await collect(world.bus, "DEAD_LETTERS", 1);
  await redrive(first!);
  const [, second] = await collect(world.bus, "DEAD_LETTERS", 2);
  expect(second!.msg_id).not.toBe(first!.msg_id);
  expect(handled).toEqual([]);
  broken = false;
  await redrive(second!);
  await taken(2);
  await nothingDue();
  expect(handled).toEqual([{ key: "a b/ä", payload: PAYLOAD, failures: 0, trace: { traceparent: TRACEPARENT } }]);
  expect(await world.bus.stream("DEAD_LETTERS")).toMatchObject({ messages: 2 });
});

test("due work that is driven again while its key is due anyway is not done twice", async () => {
  let broken = true;
  const handled: unknown[] = [];
  await run(async (payload) => {
    if (broken) throw new BadInputError("Cannot read it");
    handled.push(payload);
    return ack;
  });
  await putNote(world.db, "a", { payload: "old" });
  const [dead] = await collect(world.bus, "DEAD_LETTERS", 1);
  await nothingDue();
  broken = false;
  await putNote(world.db, "a", { payload: "new", due_at_ms: Date.now() + 600_000 });
  await redrive(dead!);
  await taken(1);
  await world.db.query("update due set due_at_ms = 0");
  await nothingDue();
  expect(handled).toEqual(["new"]);
});

test("due work of a kind that its service no longer has is a dead letter again, whole", async () => {
  await run(async () => {
    throw new BadInputError("Cannot read it");
  });
  await putNote(world.db, "a", { payload: PAYLOAD });
  const [dead] = await collect(world.bus, "DEAD_LETTERS", 1);
  await redrive({ ...dead!, headers: { ...dead!.headers, "Gatehouse-Subject": "due.reader.forgotten" } });
  const [, again] = await collect(world.bus, "DEAD_LETTERS", 2);
  expect(again!.headers).toMatchObject({
    "Gatehouse-Code": "NO_INPUT",
    "Gatehouse-Subject": "due.reader.forgotten",
    "Gatehouse-Reason": 'Cannot handle "due.reader.forgotten" as no input of reader reads it',
  });
  expect(decodeBody(again!.body).fields).toEqual({ key: "a", version: expect.any(Number), payload: PAYLOAD });
});
