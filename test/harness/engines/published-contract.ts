import { Ajv, type AnySchema } from "ajv";

/** The parts of a published OpenAPI 2 file that requests are held to, kept as data. */
export interface PublishedDefinitions {
  /** Repository and file. */
  source: string;
  /** Commit or release of it. */
  version: string;
  licence: string;
  /** Where the data differ from what was published, and why. */
  changes?: string[];
  paths: Record<string, Record<string, PublishedOperation>>;
  definitions: Record<string, object>;
}

interface PublishedOperation {
  operationId: string;
  parameters?: PublishedParameter[];
}

interface PublishedParameter {
  name: string;
  in: string;
  required?: boolean;
  type?: string;
  schema?: { $ref?: string };
}

/** A request as it came. */
export interface Asked {
  query: URLSearchParams;
  /** Undefined: it had none. */
  body: unknown;
}

export interface MatchedOperation {
  operationId: string;
  params: Record<string, string>;
  /** What is wrong with the request by the published definitions, field by field; empty when nothing is. */
  faults(asked: Asked): string[];
}

export interface PublishedContract {
  /** Null where no operation has that method and path. */
  match(method: string, path: string): MatchedOperation | null;
  /** What is wrong with a value by one definition. */
  faultsOf(definition: string, value: unknown): string[];
}

/** Makes published definitions something that requests are checked against: what they do not name is a fault. */
export function openContract({ paths, definitions }: PublishedDefinitions): PublishedContract {
  const ajv = new Ajv({ strict: false, allErrors: true, formats: FORMATS });
  ajv.addSchema({ $id: "published", definitions: closed(definitions) as Record<string, AnySchema> });
  const faultsOf = (definition: string, value: unknown): string[] => {
    const check = ajv.getSchema(`published#/definitions/${definition}`);
    if (!check) throw new Error(`Cannot check a value as there must be a definition "${definition}"`);
    if (check(value)) return [];
    return (check.errors ?? []).map(
      ({ instancePath, message, params }) => `body${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      ...pattern(path),
      operation,
    })),
  );
  return {
    faultsOf,
    match(method, path) {
      for (const { method: wanted, names, matches, operation } of operations) {
        const found = wanted === method ? matches.exec(path) : null;
        if (!found) continue;
        const params = Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(found[at + 1]!)]));
        const faults = (asked: Asked) => [...queryFaults(operation, asked.query), ...bodyFaults(operation, asked.body)];
        return { operationId: operation.operationId, params, faults };
      }
      return null;
    },
  };

  function bodyFaults({ parameters = [] }: PublishedOperation, body: unknown): string[] {
    const parameter = parameters.find((each) => each.in === "body");
    if (!parameter) return body === undefined ? [] : ["body must be absent"];
    if (body === undefined) return parameter.required ? ["body must be there"] : [];
    return faultsOf(parameter.schema!.$ref!.replace("#/definitions/", ""), body);
  }
}

function queryFaults({ parameters = [] }: PublishedOperation, query: URLSearchParams): string[] {
  const known = parameters.filter((each) => each.in === "query");
  const faults = [...query.keys()]
    .filter((name) => !known.some((each) => each.name === name))
    .map((name) => `query ${name} is not known`);
  for (const { name, required, type } of known) {
    const values = query.getAll(name);
    if (required && values.length === 0) faults.push(`query ${name} must be there`);
    if (type !== "array" && values.length > 1) faults.push(`query ${name} must be there once`);
    const form = type === undefined ? undefined : TEXT_FORMS[type];
    if (form && values.some((value) => !form.test(value))) faults.push(`query ${name} must be ${type}: "${values}"`);
  }
  return faults;
}

const TEXT_FORMS: Record<string, RegExp> = { integer: /^-?\d{1,19}$/, boolean: /^(true|false)$/ };

const FORMATS = {
  int32: { type: "number", validate: (value: number) => Number.isInteger(value) && Math.abs(value) <= 2 ** 31 },
  int64: /^-?\d{1,19}$/,
  byte: /^[A-Za-z0-9+/]*={0,2}$/,
  "date-time": (value: string) => !Number.isNaN(Date.parse(value)),
} as const;

/** A path's expression: a place takes one segment, and ends before a verb as in `{run_id}:retry`. */
function pattern(path: string): { names: string[]; matches: RegExp } {
  const names: string[] = [];
  const source = path.split(/(\{[^}]+\})/).map((part) => {
    if (!part.startsWith("{")) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    names.push(part.slice(1, -1));
    return "([^/:]+)";
  });
  return { names, matches: new RegExp(`^${source.join("")}$`) };
}

/** Objects whose fields are named take no others. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const is_open = !("properties" in inner) || "additionalProperties" in inner || typeof inner.properties !== "object";
  return is_open ? inner : { ...inner, additionalProperties: false };
}
