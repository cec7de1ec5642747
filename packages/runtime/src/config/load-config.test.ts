import { Type } from "@sinclair/typebox";
import { expect, test } from "vitest";
import { configFolder, faultsOf, load } from "./config-folder.fixture.ts";
import { loadConfig } from "./load-config.ts";
import { sections } from "./sections.ts";

test("loadConfig() gives the defaults of the contract when there is neither file nor variable", () => {
  expect(loadConfig(sections, { env: {}, cwd: configFolder() })).toEqual({
    durability: "bronze",
    gateway: { host: "127.0.0.1", port: 8080, public_url: null },
    gpu: { cards: [] },
    cameras: [],
    ingest: { auto_create_cameras: true, duplicate_ttl_s: 300, folder: { root: null, poll_ms: 1000, stable_ms: 2000 } },
    detection: expect.objectContaining({
      threshold: 0.5,
      thresholds: expect.objectContaining({ person: 0.45 }),
      labels: expect.arrayContaining(["person", "car"]),
    }),
    chat: {
      window_tokens: 3_000,
      sources_tokens: 3_000,
      max_answer_tokens: 1_024,
      answer_timeout_s: 300,
      model_patience_s: 20,
      system_prompt: sections.chat.properties.system_prompt.default,
    },
    batching: { max_s: 90, idle_s: 30, max_detections: 50, fast_path: { confidence: 0.9, labels: ["person"] } },
    retrieval: { candidates: 50, min_relevance: 0.3, min_rerank_score: 0.1, model_timeout_ms: 3000 },
    models: {
      detector: [],
      llm: [],
      vision_llm: [],
      embedder: [],
      image_embedder: [],
      classifier: [],
      pose: [],
      reranker: [],
      speech_to_text: [],
      text_to_speech: [],
      captioner: [],
      ocr: [],
      budgets: { user: {}, service: {} },
    },
    pipelines: { settle_ms: 60_000, argo: null, kubeflow: null, catalogue: {}, joins: [], schedules: [] },
    retention: {
      frames_h: 24,
      frames_mb: 2048,
      detections_d: 7,
      events_d: 30,
      chat_d: 30,
      pipelines_d: 30,
      media_mb: 2048,
      dead_letters_mb: 512,
    },
    limits: expect.objectContaining({ requests_per_min: 60, requests_burst: 10, media_per_min: 120 }),
    health: { port: 0, host: "127.0.0.1" },
    wire: { cloudevents: false },
    log: { level: "info", content: false },
  });
});

test("loadConfig() lets the environment win over the file and the file over the defaults", () => {
  const { batching } = load("batching:\n  max_s: 60\n  idle_s: 20\n", { GATEHOUSE_BATCHING__IDLE_S: "5" });
  expect(batching).toMatchObject({ max_s: 60, idle_s: 5, max_detections: 50 });
});

test("loadConfig() tells every fault in one message, each with the line or variable it was written in", () => {
  const yaml = `durability: golden
batchng: {}
batching:
  idle_s: 0
  max_s: 1.5
  fast_path: [1]
cameras:
  - name: Nameless
detection: { thresholds: { person: 2 }, labels: person }
models:
  llm:
    - { kind: other, url: 5, model: m }
`;
  expect(faultsOf(() => load(yaml, { GATEHOUSE_HEALTH__PORT: "x", GATEHOUSE_LOG__LEVL: "debug" }))).toEqual([
    'gatehouse.yaml:2 batchng is unknown: did you mean "batching"',
    'gatehouse.yaml:1 durability must be "bronze" or "silver" or "gold": current value is "golden"',
    "gatehouse.yaml:8 cameras[0].id is missing",
    "gatehouse.yaml:9 detection.thresholds.person must be 0..1: current value is 2",
    'gatehouse.yaml:9 detection.labels must be a list: current value is "person"',
    "gatehouse.yaml:5 batching.max_s must be a whole number 1..3600: current value is 1.5",
    "gatehouse.yaml:4 batching.idle_s must be 1..3600: current value is 0",
    "gatehouse.yaml:6 batching.fast_path must be a map: current value is a list",
    'gatehouse.yaml:12 models.llm[0].kind must be "openai": current value is "other"',
    "gatehouse.yaml:12 models.llm[0].url must be an http or https URL: current value is 5",
    'GATEHOUSE_HEALTH__PORT: health.port must be a whole number 0..65535: current value is "x"',
    'GATEHOUSE_LOG__LEVL: log.levl is unknown: did you mean "level"',
  ]);
});

test("loadConfig() asks the checks across settings once every setting fits", () => {
  expect(faultsOf(() => load("cameras: [{ id: gate }, { id: door }, { id: gate }]\n"))).toEqual([
    'gatehouse.yaml:1 cameras[2].id must differ from cameras[0].id: current value is "gate"',
  ]);
});

test("loadConfig() freezes what it gives, all the way down, and leaves the defaults of the schema alone", () => {
  const config = load("cameras: [{ id: gate }]\n") as { cameras: { id: string }[]; detection: { labels: string[] } };
  expect(() => config.cameras.push({ id: "door" })).toThrow(TypeError);
  expect(() => Object.assign(config.cameras[0]!, { id: "door" })).toThrow(TypeError);
  expect(() => config.detection.labels.push("dog")).toThrow(TypeError);
  expect(Object.isFrozen(sections.detection.properties.labels.default)).toBe(false);
});

test("loadConfig() takes an empty section as a section of defaults", () => {
  expect(load("batching:\nlog: null\n")).toMatchObject({ batching: { max_s: 90 }, log: { level: "info" } });
});

test("loadConfig() reads the file that is named, and none when told so", () => {
  const cwd = configFolder({ "gatehouse.yaml": "durability: gold\n", "other.yaml": "durability: silver\n" });
  expect(loadConfig(sections, { env: {}, cwd, file: "other.yaml" }).durability).toBe("silver");
  expect(loadConfig(sections, { env: {}, cwd, file: null }).durability).toBe("bronze");
  expect(faultsOf(() => loadConfig(sections, { env: {}, cwd, file: "absent.yaml" }))).toEqual([
    "absent.yaml does not exist",
  ]);
});

test("loadConfig() tells apart maps of several kinds", () => {
  const server = <const K extends string>(kind: K, field: string) =>
    Type.Object({ kind: Type.Literal(kind), [field]: Type.Integer() });
  const own = { model: Type.Union([server("fast", "cores"), server("slow", "disks")]) };
  const cwd = configFolder({ "gatehouse.yaml": "model: { kind: slow, cores: 2 }\n" });
  expect(faultsOf(() => loadConfig(own, { env: {}, cwd }))).toEqual([
    "gatehouse.yaml:1 model.cores is unknown: known are kind, disks",
    "gatehouse.yaml:1 model.disks is missing",
  ]);
});
