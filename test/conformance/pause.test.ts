import { ack, applyStreams } from "@gatehouse/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BrokerWorld, startBroker } from "../harness/broker-world.ts";
import { declareNotes, noteReader, publishNotes } from "../harness/notes.ts";
import { BusyError, CellarDownError } from "../harness/planted-errors.ts";
import { runReader } from "../harness/run-reader.ts";
import { until } from "../harness/until.ts";

const declared = declareNotes({ in_flight: 2, ack_wait_ms: 1_000 });
let world: BrokerWorld;
beforeEach(async () => {
  world = await startBroker(declared);
});
afterEach(() => world.stop());

const readyz = async (health_url: string) => {
  const answer = await fetch(`${health_url}/readyz`);
  return { status: answer.status, text: await answer.text() };
};

/** A reader that leans on a cellar; probes and handlers see the same. */
function cellarReader() {
  const cellar = { up: false, probes: 0 };
  const tries = new Map<number, number>();
  const attempts = new Set<number>();
  const read = noteReader(
    async ({ n }, { attempt }) => {
      tries.set(n, (tries.get(n) ?? 0) + 1);
      attempts.add(attempt);
      if (!cellar.up) throw new CellarDownError("Cannot open the cellar");
      return ack;
    },
    {
      dependencies: [
        {
          name: "cellar",
          probe: async () => {
            cellar.probes++;
            if (!cellar.up) throw new Error("nobody answers");
          },
        },
      ],
    },
  );
  return { cellar, tries, attempts, read };
}

test("while a dependency is down a service pulls nothing, holds what it has, says so, counts nothing, and goes on", async () => {
  const { cellar, tries, attempts, read } = cellarReader();
  const reader = await runReader(world, read, { declared });
  await publishNotes(world.bus, "a", 1, 6);
  await until("what it may hold was tried", () => tries.size === 2);
  const { status, text } = await readyz(reader.health_url);
  expect(status).toBe(503);
  expect(text).toContain("cellar: ");
  const probes = cellar.probes;
  await until("twice the ack wait is over", () => cellar.probes >= probes + 3);
  const [held] = await world.bus.consumers("NOTES");
  expect(held).toMatchObject({ redelivered: 0, ack_pending: 2, pending: 4 });
  expect([...tries]).toEqual([
    [1, 1],
    [2, 1],
  ]);
  cellar.up = true;
  await until("all are settled", async () => (await world.bus.consumers("NOTES"))[0]!.ack_floor_seq === 6);
  expect([...tries.values()]).toEqual([2, 2, 1, 1, 1, 1]);
  expect([...attempts]).toEqual([1]);
  expect((await world.bus.stream("KV_attempts")).last_seq).toBe(0);
  await until("it is ready", async () => (await readyz(reader.health_url)).status === 200);
  await reader.stop();
});

test("a service stops while it is paused, and what it held is delivered at once to the next", async () => {
  const { cellar, tries, read } = cellarReader();
  const reader = await runReader(world, read, { declared });
  await publishNotes(world.bus, "a", 1, 2);
  await until("both were tried", () => tries.size === 2);
  await Promise.all([reader.stop(), reader.stop()]);
  cellar.up = true;
  const next = await runReader(world, read, { declared });
  await until("all are settled", async () => (await world.bus.consumers("NOTES"))[0]!.ack_floor_seq === 2);
  await next.stop();
});

test("an error that names a dependency which nobody probes blocks nobody", async () => {
  let tries = 0;
  const read = noteReader(async ({ n }) => {
    if (n === 1 && ++tries < 3) throw new CellarDownError("Cannot open the cellar");
    return ack;
  });
  const reader = await runReader(world, read, { declared });
  await publishNotes(world.bus, "a", 1, 3);
  await until("all are settled", async () => (await world.bus.consumers("NOTES"))[0]!.ack_floor_seq === 3);
  expect(tries).toBe(3);
  await reader.stop();
});

test("1,000 messages of one writer that are refused later do not hold up another writer's", async () => {
  const wide = declareNotes({ in_flight: 16, max_ack_pending: 1_200, ack_wait_ms: 30_000 });
  await applyStreams(world.bus, wide);
  const refused = new Set<number>();
  let passed = 0;
  const read = noteReader(async ({ note_id, n }) => {
    if (note_id === "slow") {
      refused.add(n);
      throw new BusyError("Cannot ask the model as it is busy", { retry_after_ms: 30_000 });
    }
    passed++;
    return ack;
  });
  const reader = await runReader(world, read, { declared: wide });
  await publishNotes(world.bus, "slow", 1, 1_000);
  await until("all were refused", () => refused.size === 1_000);
  await publishNotes(world.bus, "quick", 1, 20);
  await until("the other writer's passed", () => passed === 20, { within_ms: 10_000 });
  await until("nothing but what was refused is unsettled", async () => {
    const [consumer] = await world.bus.consumers("NOTES");
    return consumer?.ack_pending === 1_000 && consumer.pending === 0;
  });
  await until("it is degraded", async () => (await readyz(reader.health_url)).text.includes("ACK_PENDING_HIGH"));
  await reader.stop();
});
