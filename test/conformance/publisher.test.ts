import { applyStreams } from "@gatehouse/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BrokerWorld, openTestBus, startBroker } from "../harness/broker-world.ts";
import { declareMesh, declareStream } from "../harness/declare.ts";

const declared = declareMesh(
  declareStream("NOTES", ["note.>"]),
  declareStream("QUEUE", ["queue.>"], { discard: "new", max_bytes: 64 * 1_024 }),
);
let world: BrokerWorld;
beforeEach(async () => {
  world = await startBroker(declared);
});
afterEach(() => world.stop());

const text = (words: string) => Buffer.from(words);

test("publish() tells where a message is kept, and that a repeat was there already", async () => {
  const { bus } = world;
  expect(await bus.publish("note.a", text("1"), { id: "a.1" })).toEqual({ stream: "NOTES", seq: 1, duplicate: false });
  expect(await bus.publish("note.a", text("2"))).toEqual({ stream: "NOTES", seq: 2, duplicate: false });
  expect(await bus.publish("note.a", text("1"), { id: "a.1" })).toEqual({ stream: "NOTES", seq: 1, duplicate: true });
});

test("publish() is refused by a full queue until there is room, and by a subject of no stream", async () => {
  const { bus } = world;
  const fill = async () => {
    for (let n = 0; n < 100; n++) await bus.publish("queue.a", new Uint8Array(4_096));
  };
  await expect(fill()).rejects.toMatchObject({ code: "BACKLOG_FULL", retry: "later", dependency: null });
  await bus.removeMessage("QUEUE", 1);
  await bus.publish("queue.a", new Uint8Array(4_096));
  await expect(bus.publish("nowhere.a", text("1"))).rejects.toMatchObject({ code: "NO_STREAM", retry: "later" });
});

test("publish() refuses what is too large with its headers, and what is no subject, and goes on", async () => {
  const { bus } = world;
  const max = bus.max_payload;
  const [large, wide, wrong, fine] = await Promise.allSettled([
    bus.publish("note.a", new Uint8Array(max + 1)),
    bus.publish("note.a", new Uint8Array(max - 8), { id: "a.1" }),
    bus.publish("note a", text("1")),
    bus.publish("note.a", text("1"), { id: "a.2" }),
  ]);
  expect(large).toMatchObject({ reason: { code: "PAYLOAD_TOO_LARGE", retry: "never" } });
  expect(wide).toMatchObject({ reason: { code: "PAYLOAD_TOO_LARGE" } });
  expect(wrong).toMatchObject({ reason: expect.any(TypeError) });
  expect(fine).toMatchObject({ value: { seq: 1 } });
});

test("publish() after a sequence refuses the second of two writers, also one that was only paused", async () => {
  const { bus } = world;
  const other = await openTestBus(world);
  const { seq } = await bus.publish("note.answer", text("0"), { id: "0", after: 0 });
  const [won] = [await other.publish("note.answer", text("1b"), { id: "1b", after: seq })];
  await expect(bus.publish("note.answer", text("1a"), { id: "1a", after: seq })).rejects.toMatchObject({
    code: "FENCED",
  });
  await other.publish("note.other", text("x"));
  await other.publish("note.answer", text("2b"), { id: "2b", after: won!.seq });
  expect((await bus.lastMessage("NOTES", "note.answer"))!.msg_id).toBe("2b");
  expect((await bus.stream("NOTES")).messages).toBe(4);
  await other.close();
});

test("publish() settles every promise within its time when the broker is killed or stopped with 1,000 in flight", async () => {
  const { bus, nats } = world;
  for (const signal of ["SIGKILL", "SIGSTOP"] as const) {
    const published = Array.from({ length: 1_000 }, (_, n) =>
      bus.publish("note.a", text(`${signal} ${n}`), { id: `${signal}.${n}`, timeout_ms: 2_000 }),
    );
    if (signal === "SIGKILL") nats.kill();
    else nats.pause();
    for (const result of await Promise.allSettled(published))
      if (result.status === "rejected")
        expect(result.reason).toMatchObject({ code: "BUS_UNAVAILABLE", dependency: "broker" });
    if (signal === "SIGSTOP") nats.resume();
    await nats.ready();
    const back = bus.connected ? Promise.resolve() : new Promise<void>((resolve) => bus.onReconnect(resolve));
    await back;
    await applyStreams(bus, declared);
    const again = Array.from({ length: 1_000 }, (_, n) =>
      bus.publish("note.a", text(`${signal} ${n}`), { id: `${signal}.${n}` }),
    );
    await Promise.all(again);
  }
  expect((await bus.stream("NOTES")).messages).toBe(2_000);
});

test("publish() fails at once while the broker is away, and what waits fails when the bus closes", async () => {
  const { bus, nats } = world;
  const other = await openTestBus(world);
  nats.pause();
  const waiting = expect(other.publish("note.a", text("1"))).rejects.toMatchObject({ code: "BUS_UNAVAILABLE" });
  await other.close();
  await other.close();
  await waiting;
  await expect(other.publish("note.a", text("1"))).rejects.toMatchObject({ code: "BUS_UNAVAILABLE" });
  nats.resume();
  await nats.ready();
  expect(bus.connected).toBe(true);
});
