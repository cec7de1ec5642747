import { applyStreams } from "@gatehouse/runtime";
import { type MeshDeclaration, mesh } from "@gatehouse/streams";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type HeldBroker, startHeldBroker } from "../../harness/held-broker.ts";
import { TEST_STREAMS } from "../../harness/world.ts";
import { type Enrichment, setupEnrichment } from "./enrichment.fixture.ts";

const DUPLICATE_WINDOW_MS = 100;
const T = Date.now() - 600_000;

/** The broker forgets message ids at once, and delivers again what the paused replica did not acknowledge. */
const declared: MeshDeclaration = {
  ...mesh(TEST_STREAMS),
  streams: mesh(TEST_STREAMS).streams.map((stream) => ({
    ...stream,
    duplicate_window_ms: DUPLICATE_WINDOW_MS,
    consumers: stream.consumers.map((consumer) => ({ ...consumer, ack_wait_ms: 1_000 })),
  })),
};

let enrichment: Enrichment;
let broker: HeldBroker;
beforeAll(async () => {
  enrichment = await setupEnrichment();
  await applyStreams(enrichment.world.bus, declared);
  broker = await startHeldBroker(enrichment.world.nats.url);
});
afterAll(async () => {
  await enrichment.stop();
  await broker.stop();
});

test("a publisher that was paused until the broker forgot the message id doubles nothing, and order holds", async () => {
  const { world, set, told, settled } = enrichment;
  const paused = await enrichment.run({ declared, backing: { ...world.backing, nats_url: broker.url } });
  const held = broker.hold("HPUB camera.gate.event.created ");
  await set("gate", "f-1", T, [["person", 0.8]]);
  await held;
  await enrichment.run({ declared });
  await world.db.query("update due set lease_until_ms = null, lease_token = null");
  await told("gate", 1);
  await set("gate", "f-2", T + 3_000, [["person", 0.8]]);
  await told("gate", 2);
  broker.release();
  await settled();
  await paused.stop();
  await set("gate", "f-3", T + 60_000, [["person", 0.8]]);
  const events = await told("gate", 3);
  expect(events.map(({ message }) => message.msg_id)).toEqual(["gate.f-1.0", "gate.f-1.1", "gate.f-3.0"]);
});
