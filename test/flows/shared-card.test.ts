import { service as detectionIngest } from "@gatehouse/detection-ingest";
import { service as enrichment } from "@gatehouse/enrichment";
import { decodeBody } from "@gatehouse/events";
import { type CardConfig, type CardStatus, readCardStatus } from "@gatehouse/models";
import { startReferenceModels } from "@gatehouse/reference-models";
import { createLeaseStore } from "@gatehouse/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collect } from "../harness/collect.ts";
import { picture } from "../harness/pictures.ts";
import { runMesh } from "../harness/run-mesh.ts";
import { startSimulatedGpu } from "../harness/simulated-gpu.ts";
import { startWorld, type World } from "../harness/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

test("detector and language model share a card: one is there from the start, the other when a batch opens; a stop gives all back", async () => {
  const models = await startReferenceModels({ host: "127.0.0.1", port: 0 });
  await using card = await startSimulatedGpu({
    models: [
      { name: "yolo", vram_mb: 650, load_ms: 20 },
      { name: "llm", vram_mb: 5_000, load_ms: 20 },
    ],
  });
  const load = { kind: "triton", url: card.url } as const;
  const usual = { idle_unload_s: 300, load };
  const config: CardConfig = {
    id: "gpu-0",
    vram_mb: 8_192,
    reserved_mb: 500,
    models: [
      { name: "yolo", vram_mb: 650, priority: "critical", resident: true, ...usual },
      { name: "llm", vram_mb: 5_000, priority: "normal", resident: false, ...usual },
    ],
  };
  const mesh = await runMesh(world, {
    services: [detectionIngest, enrichment],
    env: {
      GATEHOUSE_GPU__CARDS: JSON.stringify([config]),
      GATEHOUSE_MODELS__DETECTOR: JSON.stringify([{ kind: "http-detect", url: models.url, gpu: "yolo" }]),
      GATEHOUSE_MODELS__LLM: JSON.stringify([{ kind: "openai", url: models.url, model: "reference", gpu: "llm" }]),
      GATEHOUSE_BATCHING__IDLE_S: "1",
    },
  });
  await card.happened("loaded", "yolo");
  expect(card.events.map(({ model }) => model)).toEqual(["yolo", "yolo"]);
  await world.bus.publish("camera.gate.frame", await picture(1), { id: "gate.f-1" });
  await card.happened("loaded", "llm");
  const [event] = await collect(world.bus, "SECURITY_EVENTS", 1);
  expect(decodeBody(event!.body).fields).toMatchObject({ risk: { status: "scored" } });
  const status = (): Promise<CardStatus> => readCardStatus(config, createLeaseStore(world.bus));
  const [yolo, llm] = (await status()).loaded_models;
  expect([yolo, llm]).toMatchObject([
    { name: "yolo", holders: [expect.stringMatching(/^detection-ingest\./)] },
    { name: "llm", holders: [expect.stringMatching(/^enrichment\./)] },
  ]);
  const text = await (await fetch(`${mesh.health_url}/metrics`)).text();
  expect(text).toContain(`gatehouse_gpu_memory_used_bytes{card="gpu-0"} ${5_650 * 1024 * 1024}\n`);
  await mesh.stop();
  expect((await status()).loaded_models.map(({ name, holders }) => [name, holders])).toEqual([
    ["yolo", []],
    ["llm", []],
  ]);
  await models.stop();
});
