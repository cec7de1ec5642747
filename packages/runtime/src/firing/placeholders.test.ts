import { cameraEventCreated } from "@gatehouse/events";
import { expect, test } from "vitest";
import { fillPlaceholders, placeholdersIn } from "./placeholders.ts";

const event = cameraEventCreated.example;
const saying = (summary: string) => ({ ...event, risk: { ...event.risk, summary } });

test("placeholdersIn() names each field once, wherever it stands, but for what is in double braces", () => {
  const parameters = { "{key}": "{event_id}", list: [{ text: "{risk.score} of {event_id}" }], n: 1, json: '{"a":{}}' };
  expect(placeholdersIn(parameters)).toEqual(["event_id", "risk.score"]);
  expect(placeholdersIn({ own: "{{workflow.name}} {{{event_id}}}" })).toEqual([]);
});

test("fillPlaceholders() keeps the type of a field that is the whole text, and writes it within a text", () => {
  const parameters = { score: "{risk.score}", labels: "{labels}", text: "{event_id}: {labels}, {risk.score}", n: 1 };
  expect(fillPlaceholders(parameters, event)).toEqual({
    score: 42,
    labels: ["person", "dog"],
    text: 'front-door.f-81: ["person","dog"], 42',
    n: 1,
  });
  expect(fillPlaceholders({ a: "{nothing.here}", b: "<{nothing.here}>" }, event)).toEqual({ a: null, b: "<>" });
  expect(fillPlaceholders({ own: "{{workflow.name}}" }, event)).toEqual({ own: "{{workflow.name}}" });
});

test("fillPlaceholders() never reads again what an event says, and leaves no template of an engine in it", () => {
  const hostile = saying("{event_id} {{workflow.parameters.key}} {{{x}}} $& $1");
  const filled = fillPlaceholders({ whole: "{risk.summary}", part: "<{risk.summary}>", risk: "{risk}" }, hostile);
  const drawn = "{event_id} { {workflow.parameters.key} } { { {x} } } $& $1";
  expect(filled).toMatchObject({ whole: drawn, part: `<${drawn}>`, risk: { summary: drawn, score: 42 } });
  expect(JSON.parse(fillPlaceholders({ text: " {enrichment}" }, event).text)).toEqual(event.enrichment);
});

test.each([
  ["{risk.summary}{risk.reasoning}{risk.recommended_action}", "{ {=1+1} }"],
  ["{risk.summary}{{tasks.x}}", "{ {{tasks.x}}"],
  ["{risk.summary}{nothing}{risk.summary}", "{ {"],
  ["{{tasks.x}}{risk.recommended_action}", "{{tasks.x}} }"],
])("fillPlaceholders() lets no braces of %j meet", (text, filled) => {
  const risk = { ...event.risk, summary: "{", reasoning: "{=1+1}", recommended_action: "}" };
  expect(fillPlaceholders({ text }, { ...event, risk })).toEqual({ text: filled });
});

test("fillPlaceholders() finds nothing that a prototype has", () => {
  const parameters = { a: "{constructor.name}", b: "{__proto__}", c: "{labels.length}", d: "{event_id.length}" };
  expect(fillPlaceholders(parameters, event)).toEqual({ a: null, b: "{__proto__}", c: 2, d: null });
});
