import { ack, applyStreams } from "@gatehouse/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BrokerWorld, startBroker } from "../harness/broker-world.ts";
import { declareNotes, noteReader, publishNotes } from "../harness/notes.ts";
import { BusyError } from "../harness/planted-errors.ts";
import { runReader } from "../harness/run-reader.ts";
import { until } from "../harness/until.ts";

/** Half of what it may hold is 10, besides the 2 that are at work. */
const declared = declareNotes({ in_flight: 2, max_ack_pending: 20, ack_wait_ms: 30_000 });
let world: BrokerWorld;
beforeEach(async () => {
  world = await startBroker(declared);
});
afterEach(() => world.stop());

/** A reader that sends every note back for a while, or takes all. */
function reader(retry_after_ms: number) {
  const refused = new Set<number>();
  const state = { busy: true };
  const read = noteReader(async ({ n }) => {
    if (!state.busy) return ack;
    refused.add(n);
    throw new BusyError("Cannot ask the model as it is busy", { retry_after_ms });
  });
  return { refused, state, read };
}

const readiness = async (health_url: string) => {
  const { services } = (await (await fetch(`${health_url}/readyz`)).json()) as {
    services: { status: string; reasons: { code: string; message: string }[] }[];
  };
  return services[0]!;
};

test("delayed messages below half of what the consumer may hold are no reason, from half on they are", async () => {
  const { refused, read } = reader(30_000);
  const first = await runReader(world, read, { declared });
  await publishNotes(world.bus, "a", 1, 11);
  await until("11 were refused", () => refused.size === 11);
  const below = await runReader(world, read, { declared });
  expect(await readiness(below.health_url)).toMatchObject({ status: "ready", reasons: [] });
  await publishNotes(world.bus, "a", 12);
  await until("12 were refused", () => refused.size === 12);
  const half = await runReader(world, read, { declared });
  expect(await readiness(half.health_url)).toMatchObject({
    status: "degraded",
    reasons: [
      {
        code: "ACK_PENDING_HIGH",
        message: "10 messages of reader wait to be tried again: at 20 others are held up",
      },
    ],
  });
  await until(
    "those that run already see it too",
    async () => (await readiness(below.health_url)).status === "degraded",
  );
  await Promise.all([first.stop(), below.stop(), half.stop()]);
});

test("once the delayed messages are settled the reason is gone", async () => {
  const impatient = declareNotes({ in_flight: 2, max_ack_pending: 20, ack_wait_ms: 1_000 });
  await applyStreams(world.bus, impatient);
  const { refused, state, read } = reader(6_000);
  const running = await runReader(world, read, { declared: impatient });
  await publishNotes(world.bus, "a", 1, 14);
  await until("all were refused", () => refused.size === 14);
  await until("it is told", async () => (await readiness(running.health_url)).status === "degraded");
  state.busy = false;
  await until("all are settled", async () => (await world.bus.consumers("NOTES"))[0]!.ack_floor_seq === 14);
  await until("it is ready", async () => (await readiness(running.health_url)).status === "ready");
  await running.stop();
});
