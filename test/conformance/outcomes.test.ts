import { ack, retry } from "@gatehouse/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BrokerWorld, startBroker } from "../harness/broker-world.ts";
import { collect } from "../harness/collect.ts";
import { declareNotes, noteReader, publishNotes } from "../harness/notes.ts";
import { BusyError } from "../harness/planted-errors.ts";
import { runReader } from "../harness/run-reader.ts";
import { until } from "../harness/until.ts";

const declared = declareNotes({ give_up_after_ms: 1_500 });
let world: BrokerWorld;
beforeEach(async () => {
  world = await startBroker(declared);
});
afterEach(() => world.stop());

const recorded = async () => (await world.bus.stream("KV_attempts")).messages;
const settled = async () => {
  const [reader] = await world.bus.consumers("NOTES");
  return reader!.pending + reader!.ack_pending === 0;
};

test("ack settles a message at its first delivery and records nothing", async () => {
  const seen: number[] = [];
  const reader = await runReader(
    world,
    noteReader(async ({ n }) => {
      seen.push(n);
      return ack;
    }),
    { declared },
  );
  await publishNotes(world.bus, "a", 1, 50);
  await until("all are settled", settled);
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  expect((await world.bus.stream("KV_attempts")).last_seq).toBe(0);
  await reader.stop();
});

test("retry() delivers again after its time, uses up no failure, and is forgotten when settled", async () => {
  const tries: { at_ms: number; attempt: number }[] = [];
  const read = noteReader(async (_, { attempt }) => {
    tries.push({ at_ms: performance.now(), attempt });
    return tries.length < 3 ? retry({ afterMs: 200 }) : ack;
  });
  const reader = await runReader(world, read, { declared });
  await publishNotes(world.bus, "a", 1);
  await until("all are settled", async () => tries.length === 3 && (await settled()) && (await recorded()) === 0);
  expect(tries.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  expect(tries[1]!.at_ms - tries[0]!.at_ms).toBeGreaterThanOrEqual(190);
  expect((await world.bus.stream("KV_attempts")).last_seq).toBeGreaterThan(0);
  await reader.stop();
});

test("an error later about the message backs off and ends in the dead letter after give_up_after_ms", async () => {
  const tries: number[] = [];
  const read = noteReader(async () => {
    tries.push(performance.now());
    throw new BusyError("Cannot ask the model as it is busy");
  });
  const reader = await runReader(world, read, { declared });
  await publishNotes(world.bus, "a", 1);
  const [dead] = await collect(world.bus, "DEAD_LETTERS", 1);
  expect(dead!.headers).toMatchObject({ "Gatehouse-Code": "BUSY", "Gatehouse-Attempts": String(tries.length) });
  const gaps = tries.slice(1).map((at_ms, i) => at_ms - tries[i]!);
  expect(gaps.length).toBeGreaterThanOrEqual(2);
  expect(gaps[0]).toBeGreaterThanOrEqual(490);
  expect(gaps[1]).toBeGreaterThanOrEqual(990);
  await until("all are settled", async () => (await settled()) && (await recorded()) === 0);
  await reader.stop();
});
