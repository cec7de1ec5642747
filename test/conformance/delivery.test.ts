import { ack, type Bus, type Host } from "@gatehouse/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BrokerWorld, startBroker } from "../harness/broker-world.ts";
import { collect } from "../harness/collect.ts";
import { declareNotes, noteReader, publishNotes } from "../harness/notes.ts";
import { runReader } from "../harness/run-reader.ts";
import { until } from "../harness/until.ts";

const declared = declareNotes({ in_flight: 3, ack_wait_ms: 1_000 }, { max_age_ms: 600_000 });
let world: BrokerWorld;
beforeEach(async () => {
  world = await startBroker(declared);
});
afterEach(() => world.stop());

/** A reader whose handlers wait until the test lets them go. */
function waitingReader() {
  const begun: number[] = [];
  const gate = Promise.withResolvers<void>();
  const read = noteReader(async ({ n }) => {
    begun.push(n);
    await gate.promise;
    return ack;
  });
  return { begun, read, letGo: () => gate.resolve() };
}
const consumer = async () => (await world.bus.consumers("NOTES"))[0]!;

test("a slow consumer holds no more than it works on, for longer than the ack wait, and nothing twice", async () => {
  const { begun, read, letGo } = waitingReader();
  const reader = await runReader(world, read, { declared });
  await publishNotes(world.bus, "a", 1, 9);
  await until("all its places are taken", () => begun.length === 3);
  const other = waitingReader();
  const second = await runReader(world, other.read, { declared });
  await until("the other's places are taken", () => other.begun.length === 3);
  const { time_ms } = (await world.bus.message("NOTES", 9))!;
  await until("more than the ack wait is over", () => Date.now() > time_ms + 2_500);
  expect(await consumer()).toMatchObject({ ack_pending: 6, pending: 3, redelivered: 0 });
  letGo();
  other.letGo();
  await until("all are settled", async () => (await consumer()).ack_floor_seq === 9);
  expect([...begun, ...other.begun].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await Promise.all([reader.stop(), second.stop()]);
});

test("a message in hand through kill -9 of the broker is handled by one handler, and acknowledged", async () => {
  const { begun, read, letGo } = waitingReader();
  const bus = Promise.withResolvers<Bus>();
  const start = async (host: Host) => {
    bus.resolve(host.bus);
    return { deps: {} };
  };
  const reader = await runReader(world, { ...read, start }, { declared });
  await publishNotes(world.bus, "a", 1, 3);
  await until("all its places are taken", () => begun.length === 3);
  world.nats.kill();
  await world.nats.ready();
  // An acknowledgement that the reader's own connection cannot carry would mean another delivery.
  const own = await bus.promise;
  await until("the reader's connection is back", async () => (await own.consumers("NOTES"))[0]!.ack_pending === 3);
  letGo();
  await until("all are settled", async () => (await consumer()).ack_floor_seq === 3);
  expect(begun.sort()).toEqual([1, 2, 3]);
  await reader.stop();
});

test("a message that comes again while it is in hand starts no second handler, and is settled by the first", async () => {
  const { begun, read, letGo } = waitingReader();
  const reader = await runReader(world, read, { declared });
  await publishNotes(world.bus, "a", 1, 2);
  await until("both are at work, one place is free", () => begun.length === 2);
  // What a broker that lost patience does: here somebody else lets the first message go.
  world.bus.send("$JS.ACK.NOTES.reader.1.1.1.0.0", Buffer.from("-NAK"));
  await until("the reader has it again", async () => {
    const metrics = await (await fetch(`${reader.health_url}/metrics`)).text();
    return /^gatehouse_redeliveries_total\{.*\} 1$/m.test(metrics);
  });
  letGo();
  await until("all are settled", async () => (await consumer()).ack_floor_seq === 2);
  expect(begun.sort()).toEqual([1, 2]);
  await reader.stop();
});

test("a consumer that is not there is waited for, and named by readyz", async () => {
  const { manager } = world.bus;
  await manager.consumers.delete("NOTES", "reader");
  const { begun, read, letGo } = waitingReader();
  letGo();
  const reader = await runReader(world, read, { declared });
  await until("it is named", () =>
    reader.readiness()[0]!.reasons.some(({ code, message }) => code === "CONSUMER_MISSING" && /"reader"/.test(message)),
  );
  await manager.consumers.add("NOTES", { durable_name: "reader", ack_policy: "explicit", ack_wait: 1e9 });
  await publishNotes(world.bus, "a", 1, 5);
  await until("all are settled", async () => (await consumer()).ack_floor_seq === 5);
  expect(begun.sort()).toEqual([1, 2, 3, 4, 5]);
  expect(reader.readiness()[0]!.status).toBe("ready");
  await reader.stop();
});

test("messages that age out before they are delivered are told as EXPIRED_UNSEEN, once", async () => {
  const { manager } = world.bus;
  const short = declareNotes({ in_flight: 3 }, { max_age_ms: 1_000, duplicate_window_ms: 1_000 });
  await manager.streams.update("NOTES", { max_age: 1e9, duplicate_window: 1e9 });
  await publishNotes(world.bus, "a", 1, 4);
  await until("they are gone", async () => (await world.bus.stream("NOTES")).messages === 0);
  const { read, letGo } = waitingReader();
  letGo();
  const reader = await runReader(world, read, { declared: short });
  const [dead] = await collect(world.bus, "DEAD_LETTERS", 1);
  expect(dead!.headers).toMatchObject({
    "Gatehouse-Code": "EXPIRED_UNSEEN",
    "Gatehouse-Id": "NOTES.1-4",
    "Gatehouse-Reason": "Messages 1..4 left NOTES before they were delivered",
  });
  await reader.stop();
  expect((await world.bus.stream("DEAD_LETTERS")).messages).toBe(1);
});
