import { expect, test } from "vitest";
import { configFolder, faultsOf, load } from "./config-folder.fixture.ts";
import { missingSecrets } from "./missing-secrets.ts";

const ARGO = "argo: { url: https://argo:2746, token: { file: /run/secrets/argo } }";
const KUBEFLOW = "kubeflow: { url: http://ml-pipeline:8888 }";
const yaml = (...lines: string[]) => `pipelines:\n${lines.map((line) => `  ${line}\n`).join("")}`;
const faults = (...lines: string[]) =>
  faultsOf(() => load(yaml(...lines))).map((line) => line.replace(/^gatehouse\.yaml:\d+ /, ""));

test("pipelines fill in what an engine and a pipeline leave out, and leave schemas as they were written", () => {
  const schema = "{ type: object, properties: { limit: { type: integer, minimum: 1 } } }";
  const { pipelines } = load(yaml(ARGO, `catalogue: { batch-inference: { per_min: 10, parameters: ${schema} } }`));
  expect(pipelines.argo).toEqual({
    url: "https://argo:2746",
    namespace: "argo",
    token: { file: "/run/secrets/argo" },
    ca_file: null,
    timeout_ms: 10_000,
  });
  expect(pipelines).toMatchObject({ settle_ms: 60_000, kubeflow: null });
  expect(pipelines.catalogue["batch-inference"]).toEqual({
    per_min: 10,
    timeout_s: 86_400,
    parameters: { type: "object", properties: { limit: { type: "integer", minimum: 1 } } },
  });
});

test("a pipeline whose engine is not there, or that says what its engine does not read, is refused", () => {
  expect(
    faults(
      KUBEFLOW,
      "catalogue:",
      "  nightly: { template: nightly }",
      "  batch-inference: {}",
      "  rag-query: { template: rag }",
      "  resize: { engine: local }",
    ),
  ).toEqual([
    "pipelines.catalogue.nightly.engine is missing: it must be argo or kubeflow",
    "pipelines.catalogue.batch-inference.engine must be one that there is: pipelines.argo is missing",
    'pipelines.catalogue.rag-query.template must be absent, as only argo reads it: engine is "kubeflow"',
    "pipelines.catalogue.rag-query.pipeline_id is missing",
    'pipelines.catalogue.resize.engine must be argo or kubeflow, as local runs only document-ingestion: current value is "local"',
  ]);
});

test.each([
  ["{ type: object, propertys: {} }", 'strict mode: unknown keyword: "propertys"'],
  ["{ $async: true }", "$async must be absent: parameters are checked at once"],
  ["{ allOf: [{ $async: true, $ref: '#' }] }", "async schema in sync schema"],
  ['{ $ref: "#" }', "Maximum call stack size exceeded"],
  [
    '{ $schema: "https://json-schema.org/draft/2020-12/schema" }',
    '$schema must be that of draft 07: current value is "https://json-schema.org/draft/2020-12/schema"',
  ],
])("the schema %s is refused with the line it stands in", (wrong, why) => {
  expect(faultsOf(() => load(yaml(ARGO, `catalogue: { batch-inference: { parameters: ${wrong} } }`)))).toEqual([
    `gatehouse.yaml:3 pipelines.catalogue.batch-inference.parameters must be a JSON Schema: ${why}`,
  ]);
});

test.each(["http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft-07/schema"])(
  "a schema may say that it is one of %s",
  (draft) => {
    const schema = `{ $schema: "${draft}", type: object }`;
    expect(() => load(yaml(ARGO, `catalogue: { batch-inference: { parameters: ${schema} } }`))).not.toThrow();
  },
);

test("an engine's address has neither a query nor a fragment, and a fault in it tells none of it", () => {
  expect(faults("argo: { url: 'https://argo?token=abc' }", "kubeflow: { url: 'http://kubeflow/#abc' }")).toEqual([
    "pipelines.argo.url must have neither a query nor a fragment",
    "pipelines.kubeflow.url must have neither a query nor a fragment",
  ]);
});

test("joins and schedules run what can be run, under names of their own", () => {
  const when = 'when: "camera.*.event.created"';
  expect(
    faults(
      ARGO,
      `joins: [{ name: a, ${when}, pipeline: batch-inferenc }, { name: a, ${when}, pipeline: batch-inference }]`,
      'schedules: [{ name: a, cron: "0 3 * * *", pipeline: rag-query }]',
    ),
  ).toEqual([
    'pipelines.joins[0].pipeline must name a pipeline that can be run: current value is "batch-inferenc", did you mean "batch-inference"',
    'pipelines.joins[1].name must differ from pipelines.joins[0].name: current value is "a"',
    'pipelines.schedules[0].pipeline must name a pipeline that can be run: current value is "rag-query", pipelines.kubeflow is missing',
  ]);
});

test("a token and a file of certificates must be there, and parameters that look like one are none", () => {
  const join = 'name: a, when: "camera.*.event.created", pipeline: batch-inference, parameters: { file: "{snapshot}" }';
  const kubeflow = "kubeflow: { url: http://ml-pipeline:8888, ca_file: ca.pem }";
  const { pipelines } = load(yaml(ARGO, kubeflow, `joins: [{ ${join} }]`));
  const missing = (cwd: string) => missingSecrets({ env: {}, cwd })({ pipelines }).map(({ path }) => path);
  expect(missing(configFolder())).toEqual(["pipelines.argo.token", "pipelines.kubeflow.ca_file"]);
  expect(missing(configFolder({ "ca.pem": "x".repeat(100_000) }))).toEqual(["pipelines.argo.token"]);
});
