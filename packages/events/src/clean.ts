import { Kind, type TObject, type TSchema } from "@sinclair/typebox";

/** Builds the copy of a value that holds the declared fields only; defaults filled in, base64 read when it came as JSON. */
export type Clean = (value: unknown, json: boolean) => unknown;

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Compiles a schema's cleaner once. Wrong values pass through as they are: the check after it names them. */
export function compileClean(schema: TSchema): Clean {
  const kind = schema[Kind];
  if (kind === "Object") return cleanObject(schema as TObject);
  if (kind === "Array") return cleanArray(compileClean(schema.items));
  if (kind === "Union") return cleanUnion(schema.anyOf);
  if (kind === "Uint8Array") return cleanBytes;
  return (value) => value;
}

function cleanObject(schema: TObject): Clean {
  const fields = Object.entries(schema.properties).map(([name, field]) => ({
    name,
    clean: compileClean(field),
    fallback: field.default,
  }));
  return (value, json) => {
    if (!isRecord(value)) return value;
    const copy: Record<string, unknown> = {};
    for (const { name, clean, fallback } of fields) {
      const field = Object.hasOwn(value, name) ? value[name] : undefined;
      if (field !== undefined) copy[name] = clean(field, json);
      else if (fallback !== undefined) copy[name] = structuredClone(fallback);
    }
    return copy;
  };
}

function cleanArray(clean: Clean): Clean {
  return (value, json) => (Array.isArray(value) ? value.map((item) => clean(item, json)) : value);
}

function cleanUnion(schemas: TSchema[]): Clean {
  const structured = schemas.find(
    (schema) => schema[Kind] === "Object" || schema[Kind] === "Array" || schema[Kind] === "Uint8Array",
  );
  const clean = structured && compileClean(structured);
  return (value, json) => (clean && value !== null ? clean(value, json) : value);
}

function cleanBytes(value: unknown, json: boolean): unknown {
  if (!json || typeof value !== "string" || value.length % 4 !== 0 || !BASE64.test(value)) return value;
  return new Uint8Array(Buffer.from(value, "base64"));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
