import type { TSchema } from "@sinclair/typebox";

/** What a schema wants, for a person: `a whole number 1..3600`, `"bronze" or "silver"`. */
export function wanted(schema: TSchema): string {
  if (schema.anyOf) return unique(schema.anyOf.map(wanted)).join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  switch (schema.type) {
    case "integer":
      return `a whole number${range(schema)}`;
    case "number":
      return `a number${range(schema)}`;
    case "boolean":
      return "true or false";
    case "string":
      return schema.format === "url" ? "an http or https URL" : "text";
    case "array":
      return "a list";
    case "object":
      return "a map";
    default:
      return String(schema.type);
  }
}

/** ` 1..3600`, ` at least 1`, or nothing. */
export function range({ minimum, maximum }: TSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` ${minimum}..${maximum}`;
  if (minimum !== undefined) return ` at least ${minimum}`;
  return maximum === undefined ? "" : ` at most ${maximum}`;
}

/** A value as a fault shows it: short, without the credentials that a URL may carry. */
export function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "a map";
  const text = typeof value === "string" ? JSON.stringify(withoutCredentials(value)) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/\s]*@/, "//***@");
}

function unique(words: string[]): string[] {
  return [...new Set(words)];
}
