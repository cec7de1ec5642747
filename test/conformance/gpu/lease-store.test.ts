import { createLeaseStore } from "@gatehouse/runtime";
import { mesh } from "@gatehouse/streams";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BrokerWorld, openTestBus, startBroker } from "../../harness/broker-world.ts";

let world: BrokerWorld;
beforeEach(async () => {
  world = await startBroker({ streams: [], buckets: mesh().buckets.filter(({ name }) => name === "gpu") });
});
afterEach(() => world.stop());

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (body: Uint8Array | null): string | null => body && Buffer.from(body).toString();

test("read() of a card that nobody wrote gives nothing, and only the first write of it succeeds", async () => {
  const store = createLeaseStore(world.bus);
  expect(await store.read("card-0")).toEqual({ body: null, revision: 0 });
  const both = await Promise.all([store.write("card-0", bytes("a"), 0), store.write("card-0", bytes("b"), 0)]);
  expect(both.filter((revision) => revision !== null)).toHaveLength(1);
  expect(text((await store.read("card-0")).body)).toBe(both[0] === null ? "b" : "a");
});

test("write() of 64 callers over 4 connections loses no change", async () => {
  const buses = await Promise.all(Array.from({ length: 4 }, () => openTestBus(world)));
  const add = async (i: number): Promise<void> => {
    const store = createLeaseStore(buses[i % 4]!);
    for (let added = 0; added < 5; ) {
      const { body, revision } = await store.read("card-0");
      if ((await store.write("card-0", bytes(String(Number(text(body) ?? 0) + 1)), revision)) !== null) added++;
    }
  };
  await Promise.all(Array.from({ length: 64 }, (_, i) => add(i)));
  expect(text((await createLeaseStore(world.bus).read("card-0")).body)).toBe("320");
  await Promise.all(buses.map((bus) => bus.close()));
});

test("cards do not disturb each other", async () => {
  const store = createLeaseStore(world.bus);
  const first = await store.write("card-0", bytes("a"), 0);
  await store.write("card-1", bytes("b"), 0);
  expect(await store.write("card-0", bytes("c"), first!)).not.toBeNull();
  expect(text((await store.read("card-1")).body)).toBe("b");
});

test("a key that somebody deleted holds nothing, and can be written again", async () => {
  const store = createLeaseStore(world.bus);
  const revision = await store.write("card-0", bytes("a"), 0);
  await world.bus.publish("$KV.gpu.card-0", bytes(""), { after: revision!, headers: { "KV-Operation": "DEL" } });
  const gone = await store.read("card-0");
  expect(gone.body).toBeNull();
  expect(await store.write("card-0", bytes("b"), gone.revision)).not.toBeNull();
});

test("watch() gives what is there and what follows, also after the broker was away", async () => {
  const store = createLeaseStore(world.bus);
  const stopping = new AbortController();
  await store.write("card-0", bytes("a"), 0);
  const seen = store.watch("card-0", stopping.signal)[Symbol.asyncIterator]();
  const next = async () => text((await seen.next()).value.body);
  expect(await next()).toBe("a");
  const { revision } = await store.read("card-0");
  await store.write("card-0", bytes("b"), revision);
  expect(await next()).toBe("b");
  const third = next();
  await world.nats.stop();
  await world.nats.start();
  const bus = await openTestBus(world);
  const other = createLeaseStore(bus);
  await other.write("card-0", bytes("c"), (await other.read("card-0")).revision);
  expect(await third).toBe("c");
  stopping.abort();
  await bus.close();
});

test("while the broker is away every question says later", async () => {
  const store = createLeaseStore(world.bus);
  await world.nats.stop();
  const later = { code: "BUS_UNAVAILABLE", retry: "later" };
  await expect(store.write("card-0", bytes("a"), 0)).rejects.toMatchObject(later);
  await expect(store.read("card-0")).rejects.toMatchObject(later);
});

test("the bucket of cards has no age and keeps one entry of each", async () => {
  const { config } = await world.bus.manager.streams.info("KV_gpu");
  expect(config).toMatchObject({ max_age: 0, max_msgs_per_subject: 1, storage: "file" });
});
