import { service as detectionIngest } from "@gatehouse/detection-ingest";
import { service as enrichment } from "@gatehouse/enrichment";
import { service as gateway } from "@gatehouse/gateway";
import { startReferenceModels } from "@gatehouse/reference-models";
import { createKey } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collect } from "../harness/collect.ts";
import { type SinkSpan, startOtlpSink } from "../harness/otlp-sink.ts";
import { picture } from "../harness/pictures.ts";
import { runMesh } from "../harness/run-mesh.ts";
import { startWorld, type World } from "../harness/world.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CAMERA_SPAN = "b7ad6b7169203331";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

test("one trace leads from a frame sent over HTTP over its detections to the event and its later score", async () => {
  const [models, sink] = await Promise.all([startReferenceModels(), startOtlpSink()]);
  const mesh = await runMesh(world, {
    services: [detectionIngest, enrichment, gateway],
    env: {
      GATEHOUSE_GATEWAY__PORT: "0",
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      GATEHOUSE_MODELS__DETECTOR: JSON.stringify([{ kind: "http-detect", url: models.url }]),
      GATEHOUSE_MODELS__LLM: JSON.stringify([{ kind: "openai", url: models.url, model: "reference" }]),
      GATEHOUSE_BATCHING__IDLE_S: "1",
    },
  });
  models.failures.chat.error_rate = 1;
  const { secret } = await createKey(world.db, { role: "operator", user_id: null, subjects: [], label: "test" });
  const url = mesh.doors().find(({ service }) => service === "gateway")!.url;
  const headers = {
    authorization: `Bearer ${secret}`,
    "content-type": "image/jpeg",
    traceparent: `00-${TRACE}-${CAMERA_SPAN}-01`,
  };
  const sent = await fetch(`${url}/api/cameras/gate/frames`, { method: "POST", headers, body: await picture(1) });
  expect(sent.status).toBe(202);
  await collect(world.bus, "SECURITY_EVENTS", 1);
  models.failures.chat.error_rate = 0;
  const told = await collect(world.bus, "SECURITY_EVENTS", 2);
  await mesh.stop();
  for (const message of told) expect(message.headers.traceparent).toContain(TRACE);
  const spans = sink.spans.filter(({ trace_id }) => trace_id === TRACE);
  const names = new Set(spans.map(({ service, name }) => `${service}: ${name}`));
  for (const name of ["detection-ingest: infer", "enrichment: close", "enrichment: judge", "enrichment: publish"])
    expect(names).toContain(name);
  expect(pathTo(spans, "due tell")).toEqual([
    "POST /api/cameras/{id}/frames",
    "detection-ingest camera-frame",
    "enrichment camera-detections",
  ]);
  expect(pathTo(spans, "due score")).toContain("due tell");
  await Promise.all([models.stop(), sink.stop()]);
});

/** The consumers and due work that a span follows from, up to the camera. */
function pathTo(spans: readonly SinkSpan[], name: string): string[] {
  const byId = new Map(spans.map((span) => [span.span_id, span]));
  const path: string[] = [];
  let at = spans.find((span) => span.name === name);
  expect(at, `a span "${name}"`).toBeDefined();
  while (at?.parent_id && at.parent_id !== CAMERA_SPAN) {
    at = byId.get(at.parent_id);
    expect(at, "no span on the way is missing").toBeDefined();
    if (at!.name.includes(" ")) path.unshift(at!.name);
  }
  return path;
}
