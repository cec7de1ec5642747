import type { TSchema } from "@sinclair/typebox";
import type { ConfigSections } from "./configuration.ts";

/** The JSON Schema of `gatehouse.yaml`, for editors. What has a default need not be written; unknown names are refused. */
export function jsonSchema(sections: ConfigSections): Record<string, unknown> {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "gatehouse.yaml",
    type: "object",
    properties: Object.fromEntries(Object.entries(sections).map(([name, schema]) => [name, forEditors(schema)])),
    additionalProperties: false,
  };
}

function forEditors(schema: TSchema): unknown {
  const plain = JSON.parse(JSON.stringify(schema)) as TSchema;
  return relax(plain);
}

function relax({ secret: _, free, ...schema }: TSchema): unknown {
  if (free) return schema;
  if (schema.anyOf) return { ...schema, anyOf: schema.anyOf.map(relax) };
  if (schema.format === "url") return { ...schema, format: "uri" };
  if (schema.type === "array") return { ...schema, items: relax(schema.items) };
  if (schema.patternProperties) return { ...schema, patternProperties: mapValues(schema.patternProperties) };
  if (schema.type !== "object") return schema;
  const { required = [], properties, ...rest } = schema;
  const needed = required.filter((name: string) => isNeeded(properties[name]));
  return {
    ...rest,
    properties: mapValues(properties),
    additionalProperties: false,
    ...(needed.length > 0 ? { required: needed } : {}),
  };
}

const mapValues = (schemas: Record<string, TSchema>): object =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, relax(schema)]));

/** A map of defaults need not be written either. */
function isNeeded(schema: TSchema): boolean {
  if ("default" in schema) return false;
  if (schema.type !== "object" || !schema.properties) return true;
  return (schema.required ?? []).some((name: string) => isNeeded(schema.properties[name]));
}
