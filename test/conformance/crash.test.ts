import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BrokerWorld, startBroker } from "../harness/broker-world.ts";
import { collect } from "../harness/collect.ts";
import { type KeptAlive, keepAlive } from "../harness/keep-alive.ts";
import { declareNotes, publishNotes } from "../harness/notes.ts";
import { until } from "../harness/until.ts";

const DYING_READER = fileURLToPath(new URL("../harness/dying-reader.ts", import.meta.url));
const DEADLY = 2;
let world: BrokerWorld;
let reader: KeptAlive<{ dies: number[] }> | null = null;
beforeEach(async () => {
  world = await startBroker(declareNotes());
});
afterEach(async () => {
  await reader?.stop();
  await world.stop();
});

test("a message whose handler kills the process runs alone from the third time on and is given up after ten; others are not blamed", async () => {
  const { url, user, password } = world.nats;
  reader = keepAlive(DYING_READER, { nats: { url, user, password }, dir: world.dir, deadly: DEADLY });
  await publishNotes(world.bus, "a", 1, 4);
  const [dead] = await collect(world.bus, "DEAD_LETTERS", 1, { within_ms: 110_000 });
  expect(dead!.headers).toMatchObject({
    "Gatehouse-Code": "HANDLER_DIED",
    "Gatehouse-Seq": String(DEADLY),
    "Gatehouse-Attempts": "10",
  });
  // The broker may also have delivered to a process that had just died: that made it a suspect sooner.
  expect(reader.told.length).toBeGreaterThanOrEqual(8);
  expect(reader.told.length).toBeLessThanOrEqual(10);
  for (const { dies } of reader.told.slice(2)) expect(dies).toEqual([DEADLY]);
  await until("the others are settled", async () => {
    const [consumer] = await world.bus.consumers("NOTES");
    return consumer!.pending + consumer!.ack_pending === 0;
  });
  expect(await world.bus.stream("DEAD_LETTERS")).toMatchObject({ messages: 1 });
}, 120_000);
