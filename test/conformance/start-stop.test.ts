import { ack, type Host } from "@gatehouse/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BrokerWorld, startBroker } from "../harness/broker-world.ts";
import { declareNotes, noteMade, noteReader, publishNotes } from "../harness/notes.ts";
import { CellarDownError } from "../harness/planted-errors.ts";
import { runReader } from "../harness/run-reader.ts";
import { until } from "../harness/until.ts";

const declared = declareNotes({ in_flight: 4, ack_wait_ms: 30_000 });
let world: BrokerWorld;
beforeEach(async () => {
  world = await startBroker(declared);
});
afterEach(() => world.stop());

const consumer = async () => (await world.bus.consumers("NOTES"))[0]!;

test("stop() lets handlers in flight finish and keeps what they publish", async () => {
  const begun: number[] = [];
  const gate = Promise.withResolvers<void>();
  const read = noteReader(async ({ n }, { publish }) => {
    begun.push(n);
    await gate.promise;
    if (n < 100) await publish(noteMade, { note_id: "b", n: n + 100 });
    return ack;
  });
  const reader = await runReader(world, read, { declared });
  await publishNotes(world.bus, "a", 1, 8);
  await until("its places are taken", () => begun.length === 4);
  const stopped = reader.stop();
  gate.resolve();
  await stopped;
  expect(begun).toEqual([1, 2, 3, 4]);
  expect(await consumer()).toMatchObject({ ack_floor_seq: 4 });
  expect((await world.bus.stream("NOTES")).last_seq).toBe(12);
});

test("stop() aborts handlers that take too long, lets go what ignores it, within 5 s; the next gets all at once", async () => {
  const begun: number[] = [];
  const aborted: number[] = [];
  const read = noteReader(async ({ n }, { signal }) => {
    begun.push(n);
    if (n % 2 === 0) return new Promise(() => {});
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        aborted.push(n);
        reject(signal.reason);
      });
    });
  });
  const reader = await runReader(world, read, { declared });
  await publishNotes(world.bus, "a", 1, 4);
  await until("its places are taken", () => begun.length === 4);
  const began_ms = performance.now();
  await Promise.all([reader.stop(), reader.stop()]);
  expect(performance.now() - began_ms).toBeLessThan(5_000);
  expect(aborted.sort()).toEqual([1, 3]);
  const attempts: number[] = [];
  const next = await runReader(
    world,
    noteReader(async (_, { attempt }) => {
      attempts.push(attempt);
      return ack;
    }),
    { declared },
  );
  await until("all are settled", async () => (await consumer()).ack_floor_seq === 4, { within_ms: 10_000 });
  expect(attempts).toEqual([1, 1, 1, 1]);
  await next.stop();
});

test("a service starts when the broker comes, and when what it needs comes", async () => {
  await world.nats.stop();
  let cellar = false;
  const service = {
    ...noteReader(async () => ack),
    start: async () => {
      if (!cellar) throw new CellarDownError("Cannot open the cellar");
      return { deps: {} };
    },
  };
  const starting = runReader(world, service, { declared });
  await world.nats.start();
  await until("the bus is back", async () => (await world.bus.stream("NOTES")).messages === 0);
  cellar = true;
  const reader = await starting;
  await publishNotes(world.bus, "a", 1, 3);
  await until("all are settled", async () => (await consumer()).ack_floor_seq === 3);
  await reader.stop();
});

test("stop() during a start ends the start and closes what it opened", async () => {
  const stop = new AbortController();
  let closed = 0;
  const opened = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const service = {
    ...noteReader(async () => ack),
    start: async () => {
      opened.resolve();
      await gate.promise;
      return { deps: {}, stop: async () => void closed++ };
    },
  };
  const starting = runReader(world, service, { declared, signal: stop.signal });
  await opened.promise;
  stop.abort();
  gate.resolve();
  const reader = await starting;
  await reader.stop();
  expect(closed).toBe(1);
  expect(reader.readiness()).toMatchObject([{ status: "not_ready" }]);
});

test("stop() closes the bus when what was opened has been closed: it may give something back over it", async () => {
  const given = Promise.withResolvers<unknown>();
  const service = {
    ...noteReader(async () => ack),
    start: async ({ bus }: Host) => ({
      deps: {},
      stop: () => publishNotes(bus, "a", 1, 1).then(given.resolve, given.reject),
    }),
  };
  const reader = await runReader(world, service, { declared });
  await reader.stop();
  await given.promise;
  expect((await world.bus.stream("NOTES")).last_seq).toBe(1);
});

test("a start that fails for good stops everything and says why", async () => {
  const service = {
    ...noteReader(async () => ack),
    start: async () => {
      throw new TypeError("Cannot read the plan");
    },
  };
  await expect(runReader(world, service, { declared })).rejects.toThrow("Cannot read the plan");
});
