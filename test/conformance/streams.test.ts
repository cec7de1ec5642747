import { applyStreams, planStreams } from "@gatehouse/runtime";
import { type MeshDeclaration, mesh, STREAM_DEFAULTS } from "@gatehouse/streams";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BrokerWorld, startBroker } from "../harness/broker-world.ts";
import { declareNotes, publishNotes } from "../harness/notes.ts";

let world: BrokerWorld;
beforeEach(async () => {
  world = await startBroker();
});
afterEach(() => world.stop());

const plan = (declared: MeshDeclaration) => planStreams(world.bus.manager, declared);

test("applyStreams() makes all that is declared, and nothing the second time", async () => {
  const declared = mesh({ ...STREAM_DEFAULTS, frames_mb: 256, dead_letters_mb: 64 });
  const made = await applyStreams(world.bus, declared);
  const streams = declared.streams.length;
  const consumers = declared.streams.flatMap((stream) => stream.consumers).length;
  expect(made.filter(({ action }) => action === "create")).toHaveLength(streams + consumers + declared.buckets.length);
  expect(await plan(declared)).toEqual([]);
  expect(await applyStreams(world.bus, declared)).toEqual([]);
});

test("applyStreams() refuses what would delete stored messages, unless forced", async () => {
  const { bus } = world;
  await applyStreams(bus, declareNotes());
  await publishNotes(bus, "a", 1, 3);
  const smaller = declareNotes({}, { max_age_ms: 1_000_000 });
  await expect(applyStreams(bus, smaller)).rejects.toMatchObject({ code: "DESTRUCTIVE_CHANGE" });
  const anew = declareNotes({}, { retention: "workqueue" });
  await expect(applyStreams(bus, anew)).rejects.toThrow(/"NOTES" made anew: every stored message is deleted/);
  expect((await bus.stream("NOTES")).messages).toBe(3);
  await applyStreams(bus, anew, { force: true });
  expect(await bus.stream("NOTES")).toMatchObject({ messages: 0 });
  expect(await plan(anew)).toEqual([]);
});

test("applyStreams() makes larger limits and consumer settings so without force", async () => {
  const { bus } = world;
  await applyStreams(bus, declareNotes());
  const larger = declareNotes({ ack_wait_ms: 2_000, max_ack_pending: 20 }, { max_age_ms: 7_200_000 });
  const changes = await applyStreams(bus, larger);
  expect(changes.map(({ what, name, action }) => [what, name, action])).toEqual([
    ["stream", "NOTES", "update"],
    ["consumer", "reader", "update"],
  ]);
  expect(await plan(larger)).toEqual([]);
});

test("planStreams() shows a filter that changes", async () => {
  await applyStreams(world.bus, declareNotes());
  const [change] = await plan(declareNotes({ filter: "note.a.*" }));
  expect(change).toMatchObject({ what: "consumer", name: "reader", note: 'takes "note.a.*" instead of "note.>"' });
  expect(change!.fields).toEqual([{ field: "filter_subject", from: "note.>", to: "note.a.*" }]);
});

test("applyStreams() makes a consumer anew behind what it acknowledged and says how many come again", async () => {
  const { bus } = world;
  await applyStreams(bus, declareNotes());
  await publishNotes(bus, "a", 1, 10);
  const { manager } = bus;
  const js = manager.jetstream();
  const messages = await (await js.consumers.get("NOTES", "reader")).fetch({ max_messages: 6, expires: 5_000 });
  for await (const message of messages) if (message.seq <= 4 || message.seq === 6) await message.ackAck();
  const anew = declareNotes({ deliver: "new" });
  await expect(applyStreams(bus, anew)).rejects.toMatchObject({ code: "DESTRUCTIVE_CHANGE" });
  const [change] = await applyStreams(bus, anew, { force: true });
  expect(change).toMatchObject({ name: "reader", action: "recreate", again: 2 });
  const { config, num_pending } = await manager.consumers.info("NOTES", "reader");
  expect([config.opt_start_seq, num_pending]).toEqual([5, 6]);
  expect(await plan(anew)).toEqual([]);
});
