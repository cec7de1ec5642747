import type { TObject } from "@sinclair/typebox";

/** A JSON Schema (2020-12), as plain data. */
export interface JsonSchema {
  [keyword: string]: unknown;
  type?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  enum?: unknown[];
}

/**
 * The JSON Schema of an event's body. Bytes are base64 text, one of a few words is an `enum`.
 * A field with a `default` may be left out by whoever publishes; whoever reads always meets it.
 */
export function jsonSchemaOf(event: { schema: TObject }): JsonSchema {
  return convert(event.schema as unknown as JsonSchema);
}

function convert(schema: JsonSchema): JsonSchema {
  if (schema.type === "Uint8Array") return { ...described(schema), type: "string", contentEncoding: "base64" };
  if (schema.anyOf?.every((one) => typeof one.const === "string"))
    return { ...described(schema), type: "string", enum: schema.anyOf.map((one) => one.const) };
  if (typeof schema.const === "string") return { ...described(schema), type: "string", enum: [schema.const] };
  const { properties, items, anyOf, patternProperties, ...rest } = schema;
  return {
    ...(structuredClone(rest) as JsonSchema),
    ...(properties && { properties: mapValues(properties) }),
    ...(items && { items: convert(items) }),
    ...(anyOf && { anyOf: anyOf.map(convert) }),
    ...(patternProperties !== undefined && { additionalProperties: true }),
  };
}

const described = ({ description }: JsonSchema): JsonSchema => (description === undefined ? {} : { description });

function mapValues(properties: Record<string, JsonSchema>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, convert(schema)]));
}
