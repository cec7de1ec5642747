import type { TSchema } from "@sinclair/typebox";

/** What a schema wants, to be read after "must be". `fallback` is the checker's own sentence. */
export function wanted(schema: TSchema, fallback: string): string {
  if (schema.anyOf) return schema.anyOf.map((one: TSchema) => wanted(one, fallback)).join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.pattern) return `text that matches ${schema.pattern}`;
  if (schema.type === "integer") return `a whole number${range(schema.minimum, schema.maximum)}`;
  if (schema.type === "number") return range(schema.minimum, schema.maximum).trim() || "a number";
  if (schema.type === "string") return `text${sized(range(schema.minLength, schema.maxLength), "characters")}`;
  if (schema.type === "array") return `a list${sized(range(schema.minItems, schema.maxItems), "items")}`;
  if (schema.type === "object") return "a map";
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "null") return "null";
  if (schema.type === "Uint8Array") return "bytes (in JSON base64 text)";
  return fallback.replace(/^Expected (to be )?/, "").toLowerCase();
}

function range(least?: number, most?: number): string {
  if (least !== undefined && most !== undefined) return ` ${least}..${most}`;
  if (least !== undefined) return ` at least ${least}`;
  return most === undefined ? "" : ` at most ${most}`;
}

const sized = (range: string, unit: string): string => (range ? ` of${range} ${unit}` : "");

/** A value as a sentence shows it: at most 80 characters; of maps, lists and bytes only how large they are. */
export function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return `a map of ${Object.keys(value).length}`;
  if (typeof value === "string") return JSON.stringify(value.length > 76 ? `${value.slice(0, 76)}…` : value);
  return String(value);
}
