import type { TSchema } from "@sinclair/typebox";
import { checkScalar } from "./check-scalar.ts";
import { childPath, type OnFault } from "./configuration.ts";
import { isFreeMap } from "./free-map.ts";
import { nearestName } from "./nearest-name.ts";
import { isSecret, isSecretRef } from "./secret.ts";
import { shown, wanted } from "./wording.ts";

/**
 * Checks one written value and fills in the defaults of what is absent.
 * Knows the schemas that settings are made of: maps, records, lists, unions, text, numbers, truth, null, secrets, free maps.
 * @throws {TypeError} for any other schema: that is a bug of the section.
 */
export function checkValue(schema: TSchema, value: unknown, path: string, onFault: OnFault): unknown {
  if (value === undefined) return checkAbsent(schema, path, onFault);
  if (isSecret(schema)) return checkSecret(value, path, onFault);
  if (isFreeMap(schema)) return checkFreeMap(value, path, onFault);
  if (schema.anyOf) return checkUnion(schema, value, path, onFault);
  if (schema.type === "object") return checkMap(schema, value, path, onFault);
  if (schema.type === "array") return checkList(schema, value, path, onFault);
  checkScalar(schema, value, path, onFault);
  return value;
}

function checkAbsent(schema: TSchema, path: string, onFault: OnFault): unknown {
  if ("default" in schema) return checkValue(schema, schema.default, path, onFault);
  if (schema.type === "object" && schema.properties) return checkMap(schema, null, path, onFault);
  onFault(path, "is missing");
  return undefined;
}

function checkSecret(value: unknown, path: string, onFault: OnFault): unknown {
  if (isSecretRef(value)) return { ...value };
  onFault(path, "must be { env: NAME } or { file: PATH }: current value is not shown");
  return undefined;
}

/** Plain objects all the way down: others read it, who may not know objects without a prototype. */
function checkFreeMap(value: unknown, path: string, onFault: OnFault): unknown {
  if (isMap(value)) return JSON.parse(JSON.stringify(value));
  onFault(path, `must be a map: current value is ${shown(value)}`);
  return undefined;
}

/** A union is words, something or null, or maps that differ in their `kind`. */
function checkUnion(schema: TSchema, value: unknown, path: string, onFault: OnFault): unknown {
  const choices: TSchema[] = schema.anyOf;
  const others = choices.filter((choice) => choice.type !== "null");
  if (value === null && others.length < choices.length) return null;
  if (others.every((choice) => choice.const !== undefined)) {
    if (others.some((choice) => choice.const === value)) return value;
    onFault(path, `must be ${wanted(schema)}: current value is ${shown(value)}`);
    return undefined;
  }
  if (others.length === 1) {
    const nullable = others.length < choices.length;
    return checkValue({ ...others[0]!, nullable }, value, path, onFault);
  }
  return checkKind(others, value, path, onFault);
}

function checkKind(choices: TSchema[], value: unknown, path: string, onFault: OnFault): unknown {
  const kinds = choices.map((choice) => choice.properties?.kind?.const);
  if (kinds.includes(undefined))
    throw new TypeError(`Cannot check "${path}" as its choices have no "kind" to tell them`);
  if (!isMap(value)) {
    onFault(path, `must be a map: current value is ${shown(value)}`);
    return undefined;
  }
  const index = kinds.indexOf(value.kind);
  if (index >= 0) return checkMap(choices[index]!, value, path, onFault);
  const words = kinds.map((kind) => JSON.stringify(kind)).join(" or ");
  onFault(
    childPath(path, "kind"),
    value.kind === undefined ? "is missing" : `must be ${words}: current value is ${shown(value.kind)}`,
  );
  return undefined;
}

/** Nothing after a section's name is a section of defaults. */
function checkMap(schema: TSchema, value: unknown, path: string, onFault: OnFault): unknown {
  const given = value === null ? {} : value;
  if (!isMap(given)) {
    onFault(path, `must be a map: current value is ${shown(value)}`);
    return undefined;
  }
  return schema.patternProperties
    ? checkRecord(schema, given, path, onFault)
    : checkFields(schema, given, path, onFault);
}

function checkFields(schema: TSchema, given: Record<string, unknown>, path: string, onFault: OnFault): object {
  const properties: Record<string, TSchema> = schema.properties;
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(properties, name)) onFault(childPath(path, name), unknownName(name, Object.keys(properties)));
  }
  const fields: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(properties)) {
    const written = Object.hasOwn(given, name) ? given[name] : undefined;
    if (written === undefined && !("default" in field) && !schema.required?.includes(name)) continue;
    fields[name] = checkValue(field, written, childPath(path, name), onFault);
  }
  return fields;
}

/** Keys are what a person chose: the result has no prototype, so that no key finds what nobody wrote. */
function checkRecord(schema: TSchema, given: Record<string, unknown>, path: string, onFault: OnFault): object {
  const [pattern, field] = Object.entries(schema.patternProperties as Record<string, TSchema>)[0]!;
  const record: Record<string, unknown> = Object.create(null);
  for (const [name, written] of Object.entries(given)) {
    if (name === "__proto__" || !new RegExp(pattern).test(name))
      onFault(childPath(path, name), `has a name that must match ${pattern} and not be "__proto__"`);
    else record[name] = checkValue(field, written, childPath(path, name), onFault);
  }
  return record;
}

function checkList(schema: TSchema, value: unknown, path: string, onFault: OnFault): unknown {
  if (!Array.isArray(value)) {
    onFault(path, `must be a list: current value is ${shown(value)}`);
    return undefined;
  }
  const { minItems = 0, maxItems = 1000 } = schema;
  if (value.length < minItems || value.length > maxItems)
    onFault(path, `must have ${minItems}..${maxItems} entries: current length is ${value.length}`);
  return value
    .slice(0, maxItems)
    .map((entry, index) => checkValue(schema.items, entry ?? null, childPath(path, index), onFault));
}

/** What a fault says about a name that nobody declared. Its value is not shown: it may be a secret. */
export function unknownName(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return `is unknown${near ? `: did you mean "${near}"` : `: known are ${known.join(", ")}`}`;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
