import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BrokerWorld, startBroker } from "../harness/broker-world.ts";
import { collect } from "../harness/collect.ts";
import { declareNotes, publishNotes } from "../harness/notes.ts";
import { until } from "../harness/until.ts";

const DYING_READER = fileURLToPath(new URL("../harness/dying-reader.ts", import.meta.url));
const DEADLY = 2;
let world: BrokerWorld;
let reader: ReturnType<typeof keepAlive> | null = null;
beforeEach(async () => {
  world = await startBroker(declareNotes());
});
afterEach(async () => {
  await reader?.stop();
  await world.stop();
});

/** Starts the reader again whenever it dies; tells which notes were at work at each death. */
function keepAlive() {
  const { nats, dir } = world;
  const deaths: number[][] = [];
  const { url, user, password } = nats;
  const options = JSON.stringify({ nats: { url, user, password }, dir, deadly: DEADLY });
  let stopping = false;
  let child = fork(DYING_READER, [options]);
  const run = async (): Promise<void> => {
    while (true) {
      child.on("message", ({ dies }: { dies: number[] }) => deaths.push(dies));
      await once(child, "exit");
      if (stopping) return;
      child = fork(DYING_READER, [options]);
    }
  };
  const running = run();
  const stop = async () => {
    stopping = true;
    child.kill("SIGKILL");
    await running;
  };
  return { deaths, stop };
}

test("a message whose handler kills the process runs alone from the third time on and is given up after ten; others are not blamed", async () => {
  reader = keepAlive();
  await publishNotes(world.bus, "a", 1, 4);
  const [dead] = await collect(world.bus, "DEAD_LETTERS", 1, { within_ms: 110_000 });
  expect(dead!.headers).toMatchObject({
    "Gatehouse-Code": "HANDLER_DIED",
    "Gatehouse-Seq": String(DEADLY),
    "Gatehouse-Attempts": "10",
  });
  // The broker may also have delivered to a process that had just died: that made it a suspect sooner.
  expect(reader.deaths.length).toBeGreaterThanOrEqual(8);
  expect(reader.deaths.length).toBeLessThanOrEqual(10);
  for (const together of reader.deaths.slice(2)) expect(together).toEqual([DEADLY]);
  await until("the others are settled", async () => {
    const [consumer] = await world.bus.consumers("NOTES");
    return consumer!.pending + consumer!.ack_pending === 0;
  });
  expect(await world.bus.stream("DEAD_LETTERS")).toMatchObject({ messages: 1 });
}, 120_000);
