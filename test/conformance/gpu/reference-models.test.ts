import { createDetector, createGpu, createImageEmbedder, type Gpu } from "@gatehouse/models";
import { startReferenceModels } from "@gatehouse/reference-models";
import { createLeaseStore } from "@gatehouse/runtime";
import { mesh } from "@gatehouse/streams";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BrokerWorld, startBroker } from "../../harness/broker-world.ts";
import { picture } from "../../harness/pictures.ts";

const forever = { signal: new AbortController().signal };
let broker: BrokerWorld;
let models: Awaited<ReturnType<typeof startReferenceModels>>;
let gpu: Gpu;
beforeEach(async () => {
  broker = await startBroker({ streams: [], buckets: mesh().buckets.filter(({ name }) => name === "gpu") });
  models = await startReferenceModels({ host: "127.0.0.1", port: 0 });
  for (const name of ["reference-detector", "reference-image-embedder"]) await repository(name, "unload");
  const load = { kind: "triton", url: models.url } as const;
  const usual = { vram_mb: 600, priority: "normal", resident: false, idle_unload_s: 300, load } as const;
  const card = {
    id: "gpu-0",
    vram_mb: 1_000,
    reserved_mb: 0,
    models: ["reference-detector", "reference-image-embedder"].map((name) => ({ name, ...usual })),
  };
  const options = { store: createLeaseStore(broker.bus), holder: "test", signal: forever.signal };
  gpu = createGpu({ cards: [card] }, options);
});
afterEach(async () => {
  await gpu.close();
  await models.stop();
  await broker.stop();
});

const repository = (name: string, action: "load" | "unload") =>
  fetch(`${models.url}/v2/repository/models/${name}/${action}`, { method: "POST" });
const isReady = async (name: string) => (await fetch(`${models.url}/v2/models/${name}/ready`)).ok;

test("two models of a KServe server take turns on a card that holds one of them", async () => {
  const detectors = [
    { kind: "kserve-http", url: models.url, model: "reference-detector", gpu: "reference-detector" },
  ] as const;
  const embedders = [
    { kind: "kserve-http", url: models.url, model: "reference-image-embedder", gpu: "reference-image-embedder" },
  ] as const;
  const [detector, embedder] = [createDetector(detectors, { gpu }), createImageEmbedder(embedders, { gpu })];
  const image = { bytes: await picture(1), media_type: "image/jpeg", width: 640, height: 360 };
  expect((await detector.detect(image, forever)).detections).toHaveLength(1);
  expect([await isReady("reference-detector"), await isReady("reference-image-embedder")]).toEqual([true, false]);
  expect((await embedder.embed(image, forever)).vector).toHaveLength(192);
  expect([await isReady("reference-detector"), await isReady("reference-image-embedder")]).toEqual([false, true]);
  await Promise.all([detector.close(), embedder.close()]);
});

test("a card's caller hears the server's own words about a load that failed", async () => {
  models.failures.repository.out_of_memory = true;
  const call = gpu.use("reference-detector", forever, async () => undefined);
  await expect(call).rejects.toMatchObject({ code: "GPU_LOAD_FAILED", message: expect.stringMatching(/memory/) });
});
