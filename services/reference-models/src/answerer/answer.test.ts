import { expect, test } from "vitest";
import { answer } from "./answer.ts";
import { fillSchema, type Schema } from "./by-schema.ts";
import { readFacts } from "./facts.ts";
import { continueFrom, tokenize } from "./tokens.ts";

const riskSchema: Schema = {
  type: "object",
  properties: {
    risk_score: { type: "integer", minimum: 0, maximum: 100 },
    summary: { type: "string" },
    reasoning: { type: "string" },
    recommended_action: { type: "string" },
  },
  required: ["risk_score", "summary", "reasoning", "recommended_action"],
};

const base = "Camera: front-door\nTime: 2026-11-21T14:10:00Z\nDetections: person 0.70 x1\n";

function risk(facts: string, schema = riskSchema): number {
  const asked = { role: "user", text: `${facts}\nRate the risk as JSON.` };
  return (JSON.parse(answer([asked], { kind: "json", schema })) as { risk_score: number }).risk_score;
}

test.each([
  ["night", base.replace("T14:", "T23:"), 1],
  ["a third person", base.replace("x1", "x3"), 1],
  ["more confidence", base.replace("0.70", "0.98"), 1],
  ["an entry_point", `${base}Zones: entry_point`, 1],
  ["unknown", `${base}Household: unknown`, 1],
  ["a long stay", `${base}Dwell: 45 s`, 1],
  ["a car too", base.replace("x1", "x1, car 0.81"), 1],
  ["a dog too", base.replace("x1", "x1, dog 0.55"), -1],
  ["a known person", `${base}Household: known member Mira`, -1],
])("answer() changes the risk score when the facts change: %s", (_name, changed, direction) => {
  expect(Math.sign(risk(changed) - risk(base))).toBe(direction);
});

test("answer() keeps the score within the schema's range and fills every required text", () => {
  const tight = structuredClone(riskSchema) as { properties: { risk_score: object } };
  tight.properties.risk_score = { type: "integer", minimum: 0, maximum: 10 };
  expect(risk(`${base}weapon, unknown, entry_point`, tight as unknown as Schema)).toBe(10);
  const whole = JSON.parse(answer([{ role: "user", text: base }], { kind: "json", schema: riskSchema })) as Record<
    string,
    string
  >;
  expect(whole.summary).toContain("front-door");
  expect(whole.reasoning).toContain("person at confidence 0.7");
  expect(whole.recommended_action).not.toBe("");
});

test("answer() gives the properties that a prompt names when the caller has no schema", () => {
  const turns = [
    { role: "user", text: `${base}Answer JSON {"risk_score", "summary", "reasoning", "recommended_action"}.` },
  ];
  const given = JSON.parse(answer(turns, { kind: "json", schema: null })) as object;
  expect(Object.keys(given)).toEqual(["risk_score", "summary", "reasoning", "recommended_action"]);
});

test("readFacts() reads labels, counts and confidences however they are worded", () => {
  const of = (text: string) => readFacts(text).labels;
  expect(of("Detections: person 0.93 x3, dog 0.55")).toEqual([
    { name: "person", count: 3, confidence: 0.93 },
    { name: "dog", count: 1, confidence: 0.55 },
  ]);
  expect(of("Seen: 2 cars (87%)")).toEqual([{ name: "car", count: 2, confidence: 0.87 }]);
  expect(of('{"label":"truck","count":2}')).toEqual([{ name: "truck", count: 2, confidence: null }]);
  expect(readFacts("Time: 2026-11-21T23:10:00Z").hour).toBe(23);
  expect(of("carpet and scar")).toEqual([]);
});

test("fillSchema() obeys const, enum, bounds, arrays, nullable and references", () => {
  const schema: Schema = {
    type: "object",
    $defs: { level: { enum: ["low", "high"] } },
    properties: {
      version: { const: 2 },
      level: { $ref: "#/$defs/level" },
      share: { type: "number", minimum: 0, maximum: 1 },
      tags: { type: "array", items: { type: "string", maxLength: 3 }, minItems: 2 },
      note: { anyOf: [{ type: "null" }, { type: "string" }] },
      sure: { type: ["boolean", "null"] },
    },
    required: ["version"],
  };
  const filler = {
    text: () => "words",
    number: () => 40,
    truth: () => true,
    choose: (_: string, values: unknown[]) => values[1],
  };
  expect(fillSchema(schema, filler)).toEqual({
    version: 2,
    level: "high",
    share: 0.4,
    tags: ["wor", "wor"],
    note: "words",
    sure: true,
  });
});

test("tokenize() cuts text that joins to itself, and continueFrom() gives what is missing", () => {
  const text = "A  line with extraordinarily-long words,\nand more. ";
  expect(tokenize(text).join("")).toBe(text);
  expect(continueFrom("one two three", "one tw")).toBe("o three");
  expect(continueFrom("one two three", "one two three")).toBe("");
});
