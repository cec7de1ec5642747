import { expect, test } from "vitest";
import { load } from "../config/config-folder.fixture.ts";
import { openCatalogue } from "./catalogue.ts";
import { compileParameters } from "./parameter-check.ts";

const setup = (yaml: string) => openCatalogue(load(yaml).pipelines);
const ENGINES = "argo: { url: http://argo }, kubeflow: { url: http://kubeflow }";

test("find() gives a known name its engine and its template, and one of the catalogue what was written", () => {
  const catalogue = setup(
    `pipelines: { ${ENGINES}, catalogue: { rag-query: { pipeline_id: p-1, namespace: ai }, own: { engine: argo, template: t } } }\n`,
  );
  expect(catalogue.find("batch-inference")).toMatchObject({
    engine: "argo",
    template: "batch-inference",
    namespace: "argo",
  });
  expect(catalogue.find("rag-query")).toMatchObject({
    engine: "kubeflow",
    pipeline_id: "p-1",
    namespace: "ai",
    template: null,
  });
  expect(catalogue.find("own")).toMatchObject({ engine: "argo", template: "t", per_min: null, timeout_s: 86_400 });
  expect(catalogue.find("document-ingestion")).toMatchObject({ engine: "local", namespace: "local" });
});

test("find() gives nothing for what cannot be run, and whyNot() says which setting that needs", () => {
  const catalogue = setup("");
  const missing = ["batch-inference", "tts", "own", "constructor"].map((name) => [
    catalogue.find(name),
    catalogue.whyNot(name),
  ]);
  expect(missing).toEqual([
    [null, "pipelines.argo must be configured: it is missing"],
    [null, "pipelines.kubeflow must be configured: it is missing"],
    [null, "pipelines.catalogue.own must be configured, or the pipeline be one of document-ingestion"],
    [null, "pipelines.catalogue.constructor must be configured, or the pipeline be one of document-ingestion"],
  ]);
});

test("list() names every pipeline, and says which can be run", () => {
  const listed = setup("pipelines: { argo: { url: http://argo } }\n").list();
  expect(listed.map(({ name, engine, configured }) => [name, engine, configured])).toEqual([
    ["batch-inference", "argo", true],
    ["document-ingestion", "local", true],
    ["model-evaluation", "argo", true],
    ["rag-query", "kubeflow", false],
    ["tts", "kubeflow", false],
    ["voice-pipeline", "kubeflow", false],
  ]);
});

test("faultsOf() names the first parameter that breaks the schema", () => {
  const schema =
    "{ type: object, required: [dataset], additionalProperties: false, properties: { dataset: { type: string }, limits: { type: array, items: { type: integer, minimum: 1 } }, mode: { enum: [fast, slow] } } }";
  const catalogue = setup(`pipelines: { ${ENGINES}, catalogue: { batch-inference: { parameters: ${schema} } } }\n`);
  const faultsOf = (parameters: Record<string, unknown>) => catalogue.faultsOf("batch-inference", parameters);
  expect(faultsOf({ dataset: "a", limits: [1, 2] })).toEqual([]);
  expect(faultsOf({ limits: [1, 0], mode: "odd", more: 1 })).toHaveLength(1);
  expect(faultsOf({ dataset: "a", more: 1 })).toEqual(['parameters must NOT have additional properties "more"']);
  expect(faultsOf({ dataset: "a", limits: [1, 0] })).toEqual(["parameters.limits[1] must be >= 1"]);
  expect(faultsOf({ dataset: "a", mode: "odd" })).toEqual([
    'parameters.mode must be equal to one of the allowed values: ["fast","slow"]',
  ]);
  expect(catalogue.faultsOf("tts", { anything: 1 })).toEqual([]);
});

test("compileParameters() gives a check that says of parameters in each other without end that it cannot check them", () => {
  const check = compileParameters({ properties: { a: { $ref: "#" } } });
  let deep = {};
  for (let i = 0; i < 100_000; i++) deep = { a: deep };
  expect(check(deep)).toEqual(["parameters cannot be checked: Maximum call stack size exceeded"]);
});

test("faultsOf() refuses what JSON cannot hold and what is too large, whatever the schema", () => {
  const catalogue = setup("pipelines: { argo: { url: http://argo } }\n");
  const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
  const faults = [{ a: [1n] }, { a: Number.NaN }, { a: deep }, { a: "x".repeat(262_137) }, { a: "x".repeat(262_136) }];
  expect(faults.map((parameters) => catalogue.faultsOf("batch-inference", parameters))).toEqual([
    ["parameters: 0 must be a number without loss: current value is 1"],
    ["parameters: a must be a finite number: current value is NaN"],
    ["parameters must be nested less deeply"],
    ["parameters must be at most 262144 bytes as JSON: current length is 262145"],
    [],
  ]);
});

test("faultsOf() refuses names that Argo would read as others", () => {
  const catalogue = setup(`pipelines: { ${ENGINES}, catalogue: { rag-query: { pipeline_id: p-1 } } }\n`);
  const faultsOf = (pipeline: string, name: string) => catalogue.faultsOf(pipeline, { [name]: 1 });
  const words = 'parameters must have names without blanks and "=": one is';
  expect(faultsOf("batch-inference", "threshold=9")).toEqual([`${words} "threshold=9"`]);
  expect(faultsOf("batch-inference", "")).toEqual([`${words} ""`]);
  expect(faultsOf("batch-inference", "a b")).toEqual([`${words} "a b"`]);
  expect(faultsOf("rag-query", "a = b")).toEqual([]);
});

test("list() shows what a narrowed document-ingestion takes, and faultsOf() checks both", () => {
  const narrow = "{ properties: { collection: { enum: [house] } }, required: [collection] }";
  const catalogue = setup(`pipelines: { catalogue: { document-ingestion: { parameters: ${narrow} } } }\n`);
  const listed = catalogue.list().find(({ name }) => name === "document-ingestion");
  expect(listed?.parameters?.properties).toMatchObject({ path: { type: "string" } });
  expect(catalogue.faultsOf("document-ingestion", { collection: "house" })).toEqual([]);
  expect(catalogue.faultsOf("document-ingestion", { collection: "cellar" })).not.toEqual([]);
  expect(catalogue.faultsOf("document-ingestion", { collection: "house", more: 1 })).not.toEqual([]);
});
