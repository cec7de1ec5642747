import { service as detectionIngest } from "@gatehouse/detection-ingest";
import { service as enrichment } from "@gatehouse/enrichment";
import { type CameraDetections, type CameraEvent, decodeBody } from "@gatehouse/events";
import { startReferenceModels } from "@gatehouse/reference-models";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collect } from "../harness/collect.ts";
import { picture } from "../harness/pictures.ts";
import { runMesh } from "../harness/run-mesh.ts";
import { startWorld, type World } from "../harness/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

test("a bare JPEG on the bus becomes one set of detections and one scored event", async () => {
  const models = await startReferenceModels({ host: "127.0.0.1", port: 0 });
  const mesh = await runMesh(world, {
    services: [detectionIngest, enrichment],
    env: {
      GATEHOUSE_MODELS__DETECTOR: JSON.stringify([{ kind: "http-detect", url: models.url }]),
      GATEHOUSE_MODELS__LLM: JSON.stringify([{ kind: "openai", url: models.url, model: "reference" }]),
      GATEHOUSE_BATCHING__IDLE_S: "1",
    },
  });
  await world.bus.publish("camera.gate.frame", await picture(1), { id: "gate.f-1" });
  const [set] = await collect(world.bus, "CAMERA_DETECTIONS", 1);
  expect(decodeBody(set!.body).fields).toMatchObject({
    camera_id: "gate",
    frame_id: "f-1",
    detections: [{ label: "person" }],
  } satisfies Partial<Record<keyof CameraDetections, unknown>>);
  expect(set!.msg_id).toBe("gate.f-1.detections");
  const [event] = await collect(world.bus, "SECURITY_EVENTS", 1);
  expect(event!.subject).toBe("camera.gate.event.created");
  expect(decodeBody(event!.body).fields).toMatchObject({
    event_id: "gate.f-1",
    revision: 0,
    labels: ["person"],
    detection_count: 1,
    risk: { status: "scored" },
  } satisfies Partial<Record<keyof CameraEvent, unknown>>);
  await mesh.stop();
  await models.stop();
});
