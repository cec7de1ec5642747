import { ack } from "@gatehouse/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BrokerWorld, openTestBus, startBroker } from "../harness/broker-world.ts";
import { declareNotes, noteReader } from "../harness/notes.ts";
import { CellarDownError } from "../harness/planted-errors.ts";
import { runReader } from "../harness/run-reader.ts";
import { until } from "../harness/until.ts";

const declared = declareNotes({});
let world: BrokerWorld;
beforeAll(async () => {
  world = await startBroker(declared);
});
afterAll(() => world.stop());

/** What answers a request of NATS' own discovery, as `nats micro` would see it. */
async function discover(subject: string, count: number): Promise<Record<string, unknown>[]> {
  const answers = await world.bus.connection.requestMany(subject, undefined, {
    strategy: "count",
    maxMessages: count,
    maxWait: 10_000,
  });
  const found: Record<string, unknown>[] = [];
  for await (const { data } of answers) found.push(JSON.parse(new TextDecoder().decode(data)));
  return found;
}

test("services() finds every instance, says how each is, and leaves out what is no service of ours", async () => {
  const read = noteReader(async () => ack);
  const readers = [await runReader(world, read, { declared }), await runReader(world, read, { declared })];
  world.bus.connection.subscribe("$SRV.INFO", {
    callback: (_error, message) => void message.respond('{"name":"weather","id":"w","metadata":{}}'),
  });
  await until("both answer", async () => (await world.bus.services([read.name])).length === 2);
  const found = await world.bus.services([read.name, "nobody"]);
  expect(found).toMatchObject(Array(2).fill({ service: read.name, status: "ready", reasons: [] }));
  expect(new Set(found.map(({ instance }) => instance)).size).toBe(2);
  await readers[0]!.stop();
  expect(await world.bus.services([read.name])).toHaveLength(1);
  await readers[1]!.stop();
  expect(await world.bus.services([read.name])).toEqual([]);
});

test("a service that waits to start says so on the bus, and what it waits for", async () => {
  const read = noteReader(async () => ack);
  let cellar_up = false;
  const waits = {
    ...read,
    start: async (host: Parameters<typeof read.start>[0]) => {
      if (!cellar_up) throw new CellarDownError("Cannot open the cellar");
      return read.start(host);
    },
  };
  const starting = runReader(world, waits, { declared });
  await until("it says so", async () => {
    const [found] = await world.bus.services([read.name]);
    return found?.status === "not_ready" && found.reasons[0]?.message === "Cannot open the cellar";
  });
  cellar_up = true;
  await (await starting).stop();
});

test("the discovery of NATS itself shows a service, by its name and by its instance", async () => {
  const read = noteReader(async () => ack);
  const reader = await runReader(world, read, { declared });
  await until("it answers", async () => (await world.bus.services([read.name])).length === 1);
  const [ping] = await discover(`$SRV.PING.${read.name}`, 1);
  expect(ping).toEqual({
    type: "io.nats.micro.v1.ping_response",
    name: read.name,
    id: expect.stringMatching(/^[\w-]+$/),
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    metadata: { status: "ready", reasons: "[]" },
  });
  const [stats] = await discover(`$SRV.STATS.${read.name}.${ping!.id}`, 1);
  expect(stats).toMatchObject({ type: "io.nats.micro.v1.stats_response", id: ping!.id, endpoints: [] });
  expect(Date.parse(stats!.started as string)).toBeLessThanOrEqual(Date.now());
  await reader.stop();
});

test("services() finds nobody while the broker is away, and all again when it is back", async () => {
  const read = noteReader(async () => ack);
  const reader = await runReader(world, read, { declared });
  const asking = await openTestBus(world);
  await until("it answers", async () => (await asking.services([read.name])).length === 1);
  await world.nats.stop();
  await until("it is gone", () => !asking.connected);
  expect(await asking.services([read.name])).toEqual([]);
  await world.nats.start();
  await until("it answers again", async () => (await asking.services([read.name])).length === 1);
  await asking.close();
  await reader.stop();
});
