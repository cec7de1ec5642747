import { expect, test } from "vitest";
import { faultsOf, load } from "./config-folder.fixture.ts";

/** One card of 8 GB in YAML flow style, with these models. */
const cardYaml = (...models: string[]) =>
  `gpu: { cards: [{ id: gpu-0, vram_mb: 8192, reserved_mb: 192, models: [${models.join(", ")}] }] }\n`;
const model = (name: string, vram_mb: number, more = "load: { kind: none }") =>
  `{ name: ${name}, vram_mb: ${vram_mb}, ${more} }`;
const TRITON = "load: { kind: triton, url: http://triton:8000 }";

test("gpu has no cards unless they are written, and fills in what a card and its models leave out", () => {
  expect(load("").gpu).toEqual({ cards: [] });
  const yaml = `gpu: { cards: [{ id: gpu-0, vram_mb: 8192, models: [${model("yolo", 650, TRITON)}] }] }\n`;
  expect(load(yaml).gpu.cards).toEqual([
    {
      id: "gpu-0",
      vram_mb: 8192,
      reserved_mb: 500,
      models: [
        {
          name: "yolo",
          vram_mb: 650,
          priority: "normal",
          resident: false,
          idle_unload_s: 300,
          load: { kind: "triton", url: "http://triton:8000" },
        },
      ],
    },
  ]);
});

test("gpu refuses a model that its card has no room for, naming both", () => {
  expect(faultsOf(() => load(cardYaml(model("llm", 14_700, TRITON))))).toEqual(
    [
      'gpu.cards[0].models[0].vram_mb must be at most 8000, what card "gpu-0" has for model "llm": current value is 14700',
    ].map((line) => `gatehouse.yaml:1 ${line}`),
  );
});

test("gpu refuses a model that has no room beside those that always stay", () => {
  const yaml = cardYaml(model("yolo", 650, `resident: true, ${TRITON}`), model("llm", 7_500, TRITON));
  expect(faultsOf(() => load(yaml))).toEqual([
    'gatehouse.yaml:1 gpu.cards[0].models[1].vram_mb must be at most 7350, what card "gpu-0" has for model "llm" beside yolo: current value is 7500',
  ]);
});

test("gpu refuses more resident models than the card holds", () => {
  const yaml = cardYaml(model("vllm", 6_000), model("yolo", 2_100, `resident: true, ${TRITON}`));
  expect(faultsOf(() => load(yaml))).toEqual([
    'gatehouse.yaml:1 gpu.cards[0].vram_mb must be at least what always stays on card "gpu-0" (vllm, yolo: 8100 MB) and reserved_mb (192): current value is 8192',
  ]);
});

test("gpu refuses a card of which nothing is left", () => {
  const yaml = `gpu: { cards: [{ id: g, vram_mb: 512, reserved_mb: 512, models: [${model("a", 1)}] }] }\n`;
  expect(faultsOf(() => load(yaml))).toEqual([
    "gatehouse.yaml:1 gpu.cards[0].reserved_mb must be below vram_mb (512): current value is 512",
  ]);
});

test("gpu refuses names that are there twice, also on two cards", () => {
  const card = `{ id: g, vram_mb: 1024, models: [${model("a", 1)}] }`;
  expect(faultsOf(() => load(`gpu: { cards: [${card}, ${card}] }\n`))).toEqual([
    'gatehouse.yaml:1 gpu.cards[1].id must differ from gpu.cards[0].id: current value is "g"',
    'gatehouse.yaml:1 gpu.cards[1].models[0].name must differ from gpu.cards[0].models[0].name: current value is "a"',
  ]);
});

test("models may name only a model of a card", () => {
  const detector = (gpu: string) => `models: { detector: [{ kind: http-detect, url: "http://d", gpu: ${gpu} }] }\n`;
  expect(load(cardYaml(model("yolo", 650)) + detector("yolo")).models.detector[0]!.gpu).toBe("yolo");
  expect(faultsOf(() => load(cardYaml(model("yolo", 650)) + detector("yola")))).toEqual([
    'gatehouse.yaml:2 models.detector[0].gpu must name a model of gpu.cards: current value is "yola", did you mean "yolo"',
  ]);
  expect(faultsOf(() => load(detector("yolo")))).toEqual([
    'gatehouse.yaml:1 models.detector[0].gpu must name a model of gpu.cards: current value is "yolo", known are none',
  ]);
});

test("gpu says what is wrong with a model, and what is missing in its load", () => {
  const yaml = cardYaml(
    "{ name: ../x, vram_mb: 1, load: { kind: magic } }",
    "{ name: y, vram_mb: 0, priority: urgent }",
    "{ name: z, vram_mb: 1, load: { kind: webhook, load_url: http://h/up } }",
  );
  expect(faultsOf(() => load(yaml))).toEqual(
    [
      'gpu.cards[0].models[0].name must match ^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$: current value is "../x"',
      'gpu.cards[0].models[0].load.kind must be "triton" or "ollama" or "webhook" or "none": current value is "magic"',
      "gpu.cards[0].models[1].vram_mb must be 1..16777216: current value is 0",
      'gpu.cards[0].models[1].priority must be "critical" or "high" or "normal" or "low": current value is "urgent"',
      "gpu.cards[0].models[1].load is missing",
      "gpu.cards[0].models[2].load.unload_url is missing",
    ].map((line) => `gatehouse.yaml:1 ${line}`),
  );
});
