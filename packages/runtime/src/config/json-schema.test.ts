import { expect, test } from "vitest";
import { jsonSchema } from "./json-schema.ts";
import { sections } from "./sections.ts";

test("jsonSchema() refuses unknown names, and wants only what has no default", () => {
  const schema = jsonSchema(sections) as { properties: Record<string, { required?: string[]; items?: object }> };
  expect(schema).toMatchObject({ type: "object", additionalProperties: false });
  expect(Object.keys(schema.properties)).toEqual(Object.keys(sections));
  expect(schema.properties.ingest?.required).toBeUndefined();
  expect(schema.properties.cameras?.items).toMatchObject({ required: ["id"], additionalProperties: false });
});

test("jsonSchema() says everywhere what a setting is for", () => {
  const silent: string[] = [];
  const walk = (schema: Record<string, never>, path: string): void => {
    const inner = Object.entries((schema.properties ?? {}) as Record<string, Record<string, never>>);
    if (inner.length === 0 && !JSON.stringify(schema).includes('"description"')) silent.push(path);
    for (const [name, field] of inner) walk(field, `${path}.${name}`);
  };
  walk(jsonSchema(sections) as Record<string, never>, "");
  expect(silent).toEqual([]);
});
