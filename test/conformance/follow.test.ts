import { applyStreams, type NatsBus, type StoredMessage } from "@gatehouse/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BrokerWorld, startBroker } from "../harness/broker-world.ts";
import { collect } from "../harness/collect.ts";
import { declareMesh, declareStream } from "../harness/declare.ts";

const declared = declareMesh(declareStream("NOTES", ["note.>"]));
let world: BrokerWorld;
beforeEach(async () => {
  world = await startBroker(declared);
});
afterEach(() => world.stop());

async function publishNotes(bus: NatsBus, from: number, to: number, subject = "note.a"): Promise<void> {
  const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  await Promise.all(numbers.map((n) => bus.publish(subject, Buffer.from(String(n)), { id: `${subject}.${n}` })));
}
const seqs = (messages: StoredMessage[]) => messages.map(({ seq }) => seq);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test("follow() gives a stream in order from every kind of start", async () => {
  const { bus } = world;
  await publishNotes(bus, 1, 600);
  expect(seqs(await collect(bus, "NOTES", 600))).toEqual(range(1, 600));
  expect(seqs(await collect(bus, "NOTES", 3, { from: { seq: 598 } }))).toEqual([598, 599, 600]);
  const { time_ms } = (await bus.message("NOTES", 600))!;
  for (const [n, from] of [
    [601, { time_ms: time_ms + 1 }],
    [602, "new"],
  ] as const) {
    const reading = bus.follow("NOTES", from, { signal: AbortSignal.timeout(30_000) })[Symbol.asyncIterator]();
    const next = reading.next();
    await consumersOf(bus, 1);
    await publishNotes(bus, n, n);
    expect((await next).value).toMatchObject({ seq: n });
    await reading.return?.();
  }
});

test("follow() gives only what its filter lets through", async () => {
  const { bus } = world;
  await publishNotes(bus, 1, 5);
  await publishNotes(bus, 1, 3, "note.b");
  const found = await collect(bus, "NOTES", 3, { filter: "note.b" });
  expect(found.map(({ subject, seq }) => [subject, seq])).toEqual([6, 7, 8].map((seq) => ["note.b", seq]));
});

test("follow() goes on in order, each message once, through kill -9 of the broker", async () => {
  const { bus, nats } = world;
  await publishNotes(bus, 1, 300);
  const seen: number[] = [];
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(40_000)]);
  for await (const { seq } of bus.follow("NOTES", "all", { signal })) {
    seen.push(seq);
    if (seq === 150 || seq === 300) {
      nats.kill();
      await nats.ready();
      await untilBack(bus);
      await publishNotes(bus, seq + 151, seq + 300);
    }
    if (seq === 600) ended.abort();
  }
  expect(seen).toEqual(range(1, 600));
});

test("follow() leaves no consumer behind when it is aborted or left", async () => {
  const { bus } = world;
  await publishNotes(bus, 1, 3);
  await collect(bus, "NOTES", 3);
  for await (const _ of bus.follow("NOTES", "all", { signal: AbortSignal.timeout(30_000) })) break;
  const ended = new AbortController();
  const reading = bus.follow("NOTES", "new", { signal: ended.signal })[Symbol.asyncIterator]();
  const next = reading.next();
  await consumersOf(bus, 1);
  ended.abort();
  expect(await next).toEqual({ done: true, value: undefined });
  await consumersOf(bus, 0);
});

test("follow() ends at once when its signal aborts while it opens", async () => {
  const { bus } = world;
  for (let turns = 0; turns < 12; turns++) {
    const ended = new AbortController();
    const reading = bus.follow("NOTES", "new", { signal: ended.signal })[Symbol.asyncIterator]();
    const next = reading.next();
    for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
    ended.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  }
});

test("follow() says that the stream was made anew while it was followed", async () => {
  const { bus } = world;
  await publishNotes(bus, 1, 3);
  const reading = bus.follow("NOTES", "all", { signal: AbortSignal.timeout(40_000) })[Symbol.asyncIterator]();
  for (let i = 0; i < 3; i++) await reading.next();
  const next = reading.next();
  await bus.manager.streams.delete("NOTES");
  await applyStreams(bus, declared);
  await publishNotes(bus, 11, 12);
  await expect(next).rejects.toMatchObject({ code: "STREAM_RESET" });
});

test("follow() takes in at most 256 messages that a slow reader has not asked for", async () => {
  const { bus } = world;
  await publishNotes(bus, 1, 1_500);
  const reading = bus.follow("NOTES", "all", { signal: AbortSignal.timeout(30_000) })[Symbol.asyncIterator]();
  await reading.next();
  const [consumer] = await bus.manager.consumers.list("NOTES").next();
  // The broker answers in order: what it had been asked for was delivered before this answer.
  expect((await bus.manager.consumers.info("NOTES", consumer!.name)).delivered.stream_seq).toBeLessThanOrEqual(257);
  const rest: number[] = [];
  for (let i = 2; i <= 1_500; i++) rest.push((await reading.next()).value.seq);
  expect(rest).toEqual(range(2, 1_500));
  await reading.return?.();
});

/** Resolves when the stream has so many consumers. */
async function consumersOf(bus: NatsBus, count: number): Promise<void> {
  while ((await bus.stream("NOTES")).consumers !== count) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when the bus answers again. */
async function untilBack(bus: NatsBus): Promise<void> {
  if (!bus.connected) await new Promise<void>((resolve) => bus.onReconnect(resolve));
  while (
    !(await bus.stream("NOTES").then(
      () => true,
      () => false,
    ))
  )
    await new Promise((resolve) => setImmediate(resolve));
}
