import { service as detectionIngest } from "@gatehouse/detection-ingest";
import { service as enrichment } from "@gatehouse/enrichment";
import { startReferenceModels } from "@gatehouse/reference-models";
import { type AnyService, applyStreams } from "@gatehouse/runtime";
import { mesh } from "@gatehouse/streams";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collect } from "../harness/collect.ts";
import { impatient, leasesRunOut } from "../harness/impatient.ts";
import { picture } from "../harness/pictures.ts";
import { runDoomed } from "../harness/run-doomed.ts";
import { runMesh } from "../harness/run-mesh.ts";
import { startWorld, TEST_STREAMS, type World } from "../harness/world.ts";
import { judgeWorld } from "./verdict.ts";

// The view is noted only while it is not known yet: in the first frames.
const INGEST_STEPS = [
  "read",
  "lookup",
  "scene",
  "decode",
  "gate",
  "infer",
  "media",
  "persist",
  "publish",
  "thumbnail",
  "mark",
];
const ENRICHMENT_STEPS = ["read", "persist", "close", "judge", "publish"];

let world: World;
let models: Awaited<ReturnType<typeof startReferenceModels>>;
let env: Record<string, string>;
const declared = impatient(mesh(TEST_STREAMS));
const acknowledged = new Set<string>();

beforeAll(async () => {
  world = await startWorld();
  await applyStreams(world.bus, declared);
  models = await startReferenceModels({ host: "127.0.0.1", port: 0 });
  env = {
    GATEHOUSE_MODELS__DETECTOR: JSON.stringify([{ kind: "http-detect", url: models.url }]),
    GATEHOUSE_MODELS__LLM: JSON.stringify([{ kind: "openai", url: models.url, model: "reference" }]),
    GATEHOUSE_BATCHING__IDLE_S: "1",
  };
});
afterAll(async () => {
  await models.stop();
  await world.stop();
});

test.each(INGEST_STEPS)(
  "a frame has exactly one set of detections when detection-ingest dies after %s",
  async (step) => {
    const doomed = runDoomed(world, { service: "detection-ingest", step, declared, env });
    await publishFrame(step);
    await doomed;
    const running = await survivors([detectionIngest]);
    await collect(world.bus, "CAMERA_DETECTIONS", acknowledged.size);
    await running.stop();
  },
);

test.each(ENRICHMENT_STEPS)("an event is told exactly once when enrichment dies after %s", async (step) => {
  const before = await world.bus.stream("SECURITY_EVENTS");
  const running = await survivors([detectionIngest]);
  const doomed = runDoomed(world, { service: "enrichment", step, declared, env });
  await publishFrame(`event-${step}`);
  await doomed;
  await leasesRunOut(world);
  const heirs = await survivors([enrichment]);
  await collect(world.bus, "SECURITY_EVENTS", 1, { from: { seq: before.last_seq + 1 } });
  await Promise.all([running.stop(), heirs.stop()]);
});

test("afterwards nothing is lost, nothing doubled, nothing dead", async () => {
  const running = await survivors([detectionIngest, enrichment]);
  await expect
    .poll(
      async () =>
        (
          await world.db.query(
            `select 1 from due where kind <> 'forget' union all select 1 from batches where state = 'open'
             union all select 1 from detections where published_seq is null`,
          )
        ).length,
      { timeout: 30_000 },
    )
    .toBe(0);
  await running.stop();
  const without_thumbnail = "select frame_id from detections where labels <> '{}' and thumbnail_key is null";
  expect(await world.db.query(without_thumbnail)).toEqual([]);
  const verdict = await judgeWorld(world, acknowledged);
  expect(verdict).toMatchObject({ faults: [], sets: acknowledged.size, frames: acknowledged.size });
});

async function publishFrame(name: string): Promise<void> {
  await world.bus.publish("camera.gate.frame", await picture(acknowledged.size * 13), { id: `gate.${name}` });
  acknowledged.add(`gate.${name}`);
}

function survivors(services: readonly AnyService[]) {
  return runMesh(world, { services, env, declared });
}
