import { service as detectionIngest } from "@gatehouse/detection-ingest";
import { service } from "@gatehouse/enrichment";
import { afterAll, beforeAll, expect, test } from "vitest";
import { picture } from "../../harness/pictures.ts";
import { type Enrichment, setupEnrichment } from "./enrichment.fixture.ts";

/** Frame to event, as the specification wants it. */
const FAST_PATH_MS = 5_000;
const T = Date.now() - 600_000;

let enrichment: Enrichment;
beforeAll(async () => {
  enrichment = await setupEnrichment();
  const { models, run } = enrichment;
  await run({
    services: [detectionIngest, service],
    env: {
      GATEHOUSE_MODELS__DETECTOR: JSON.stringify([{ kind: "http-detect", url: models.url }]),
      GATEHOUSE_BATCHING__IDLE_S: "3",
      GATEHOUSE_BATCHING__MAX_DETECTIONS: "4",
      GATEHOUSE_BATCHING__FAST_PATH: JSON.stringify({ confidence: 0.6, labels: ["person"] }),
    },
  });
});
afterAll(() => enrichment.stop());

test("something urgent is told within 5 s of its frame by a model that takes 2 s, and again when it is over", async () => {
  const { models, told, world } = enrichment;
  models.failures.chat.latency_ms = 2_000;
  const sent_ms = Date.now();
  await world.bus.publish("camera.gate.frame", await picture(1), { id: "gate.f-1" });
  const [early] = await told("gate", 1);
  expect(early).toMatchObject({
    event_id: "gate.f-1",
    revision: 0,
    fast_path: true,
    ended_at_ms: null,
    close_reason: null,
    risk: { status: "scored" },
  });
  expect(early!.message.time_ms - sent_ms).toBeLessThan(FAST_PATH_MS);
  const [, over] = await told("gate", 2);
  expect(over).toMatchObject({ event_id: "gate.f-1", revision: 1, fast_path: true, close_reason: "idle" });
  expect(over!.ended_at_ms).toBe(early!.started_at_ms);
  expect(over!.message.subject).toBe("camera.gate.event.updated");
});

test("something urgent is told in time, unscored, while the model hangs and 20 batches wait for it; all are scored when it goes on", async () => {
  const { models, set, told, settled } = enrichment;
  models.failures.chat.latency_ms = 0;
  models.failures.chat.hang = true;
  const yards = Array.from({ length: 20 }, (_, i) => `yard-${i}`);
  await Promise.all(yards.map((camera) => set(camera, "f-1", T, Array(4).fill(["car", 0.8]))));
  const sent_ms = Date.now();
  await set("door", "f-1", T, [["person", 0.95]]);
  await set("porch", "f-1", T, Array(4).fill(["person", 0.95]));
  const [[door], [porch]] = await Promise.all([told("door", 1), told("porch", 1)]);
  expect(door).toMatchObject({ fast_path: true, ended_at_ms: null, risk: { status: "unscored", score: null } });
  expect(porch).toMatchObject({ fast_path: false, close_reason: "max_size", risk: { status: "unscored" } });
  expect(porch!.ended_at_ms).toBe(T);
  for (const { message } of [door!, porch!]) expect(message.time_ms - sent_ms).toBeLessThan(FAST_PATH_MS);
  await Promise.all(yards.map((camera) => told(camera, 1)));
  await enrichment.llmAway();
  await enrichment.llmBack();
  await settled();
  const last = await Promise.all(yards.map(async (camera) => (await told(camera, 2))[1]));
  expect(last.map((event) => event!.risk.status)).toEqual(yards.map(() => "scored"));
}, 90_000);
