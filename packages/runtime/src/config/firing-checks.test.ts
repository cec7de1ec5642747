import { expect, test } from "vitest";
import { faultsOf, load } from "./config-folder.fixture.ts";

const ARGO = "argo: { url: https://argo:2746 }";
const yaml = (...lines: string[]) => `pipelines:\n${lines.map((line) => `  ${line}\n`).join("")}`;
const join = (when: string, parameters = "{}") =>
  `joins: [{ name: a, pipeline: batch-inference, when: '${when}', parameters: ${parameters} }]`;
const schedule = (cron: string, more = "") =>
  `schedules: [{ name: a, pipeline: document-ingestion, cron: "${cron}"${more} }]`;

test("joins and schedules that can be read are taken as they are", () => {
  const when = "camera.*.event.created with risk.level = critical and labels = person";
  const { pipelines } = load(
    yaml(
      ARGO,
      join(when, '{ id: "{event_id}", own: "{{workflow.name}}" }'),
      schedule("0 3 * * MON-FRI", ", timezone: Europe/Berlin"),
    ),
  );
  expect(pipelines.joins[0]).toMatchObject({ when, parameters: { id: "{event_id}", own: "{{workflow.name}}" } });
  expect(pipelines.schedules[0]).toMatchObject({ timezone: "Europe/Berlin", parameters: {} });
});

test("all that is wrong with joins and schedules is told at once, each with its line", () => {
  const faults = faultsOf(() =>
    load(
      yaml(
        ARGO,
        join("alert.fire with risk.levl = high", '{ id: "{event_i}" }'),
        "schedules:",
        '  - { name: a, pipeline: document-ingestion, cron: "61 * * * *" }',
        '  - { name: b, pipeline: document-ingestion, cron: "0 0 30 2 *" }',
        '  - { name: c, pipeline: document-ingestion, cron: "0 0 * * *", timezone: Mars/Olympus }',
        '  - { name: d, pipeline: document-ingestion, cron: "0 0 * * *", parameters: { paths: . } }',
      ),
    ),
  );
  expect(faults).toEqual([
    expect.stringMatching(
      /^gatehouse\.yaml:3 pipelines\.joins\[0\]\.when must begin with camera\.\*\.event\.created or /,
    ),
    'gatehouse.yaml:3 pipelines.joins[0].when names "risk.levl", which is no field of an event: did you mean "risk.level"',
    'gatehouse.yaml:3 pipelines.joins[0].parameters names "{event_i}", which is no field of an event: did you mean "{event_id}"',
    "gatehouse.yaml:5 pipelines.schedules[0].cron must be a cron pattern: Invalid value for minute: 61",
    'gatehouse.yaml:6 pipelines.schedules[1].cron must come at some time: "0 0 30 2 *" never does',
    'gatehouse.yaml:7 pipelines.schedules[2].timezone must be a time zone, as Europe/Berlin: current value is "Mars/Olympus"',
    'gatehouse.yaml:8 pipelines.schedules[3].parameters must be what document-ingestion takes: parameters must NOT have additional properties "paths"',
  ]);
});

test.each([
  ["{ path: notes, text: Hello, uri: note-1 }", "parameters must not have path and text together"],
  ["{ text: Hello }", "parameters must have property uri when property text is present"],
  ["{ title: Notes }", "must have property text when property title is present"],
  ["{ collection: events }", "parameters.collection must match pattern"],
  ['{ path: "a\\nb" }', "parameters.path must match pattern"],
])("document-ingestion in the house does not take %s", (parameters, why) => {
  const faults = faultsOf(() => load(yaml(schedule("0 3 * * *", `, parameters: ${parameters}`))));
  expect(faults.join("\n")).toContain(why);
});

test("what a join gives must be what its pipeline takes, but for what placeholders may become", () => {
  const types = "score: { type: integer }, mode: { enum: [fast] }, ids: { type: array, uniqueItems: true }";
  const schema = `{ required: [score], additionalProperties: false, properties: { ${types} } }`;
  const told = (parameters: string, written = schema) => {
    const catalogue = `catalogue: { batch-inference: { parameters: ${written} } }`;
    const text = yaml(ARGO, catalogue, join("camera.*.event.created", parameters));
    return () => load(text);
  };
  expect(told('{ score: "{risk.score}", mode: "{risk.level}", ids: ["{event_id}", "{event_id}"] }')).not.toThrow();
  expect(faultsOf(told('{ scor: "{risk.score}", mode: slow }')).map((line) => line.split("takes: ")[1])).toEqual([
    "parameters must have required property 'score'",
    'parameters must NOT have additional properties "scor"',
    'parameters.mode must be equal to one of the allowed values: ["fast"]',
  ]);
  expect(told('{ score: "{risk.score}", "mode=fast": 1 }')).toThrow('without blanks and "=": one is "mode=fast"');
  const either = "{ anyOf: [{ required: [b] }, { properties: { a: { type: integer } } }] }";
  expect(told('{ a: "{risk.score}" }', either)).not.toThrow();
  expect(told('{ a: "high" }', either)).toThrow("must be what batch-inference takes");
});

test("a schema of one's own narrows what document-ingestion in the house takes, and never widens it", () => {
  const own = "catalogue: { document-ingestion: { parameters: { properties: { collection: { const: manuals } } } } }";
  const faults = (parameters: string) => () => load(yaml(own, schedule("0 3 * * *", `, parameters: ${parameters}`)));
  expect(faults("{ collection: manuals }")).not.toThrow();
  expect(faultsOf(faults("{ collection: notes }"))).toHaveLength(1);
  expect(faultsOf(faults("{ path: 5 }"))[0]).toContain("parameters.path must be string");
});
