import { afterAll, beforeAll, expect, test } from "vitest";
import { type Enrichment, setupEnrichment } from "./enrichment.fixture.ts";

const STEPS = ["read", "persist", "claim", "close", "judge", "publish"];
const T = Date.now() - 600_000;

let enrichment: Enrichment;
beforeAll(async () => {
  enrichment = await setupEnrichment();
});
afterAll(() => enrichment.stop());

test.each(STEPS)("an urgent set ends in one event when handlers fail after %s", async (step) => {
  const { set, told, settled, run, world } = enrichment;
  const camera_id = `gate-${step}`;
  let failures = 0;
  const failing = await run({
    onStage: (stage) => {
      if (stage === step && ++failures <= 2) throw new Error(`fails after ${step}`);
    },
  });
  await set(camera_id, "f-1", T, [["person", 0.95]]);
  await told(camera_id, 1);
  await settled();
  await failing.stop();
  expect(failures).toBeGreaterThanOrEqual(1);
  const filter = `camera.${camera_id}.event.>`;
  const { state } = await world.bus.manager.streams.info("SECURITY_EVENTS", { subjects_filter: filter });
  const events = await told(
    camera_id,
    Object.values(state.subjects ?? {}).reduce((a, b) => a + b),
  );
  expect(events.map(({ message }) => message.msg_id)).toEqual(events.map((_, i) => `${camera_id}.f-1.${i}`));
  expect(events.length).toBeLessThanOrEqual(2);
  expect(events.at(-1)).toMatchObject({ detection_count: 1, close_reason: "idle", risk: { status: "scored" } });
  expect(await world.bus.stream("DEAD_LETTERS")).toMatchObject({ messages: 0 });
});
