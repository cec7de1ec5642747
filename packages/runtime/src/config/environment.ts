import type { TSchema } from "@sinclair/typebox";
import { type ConfigSections, childPath, type PlacedFault, type Written } from "./configuration.ts";
import { wanted } from "./wording.ts";

const PREFIX = "GATEHOUSE_";

/**
 * Reads settings from the environment: `GATEHOUSE_BATCHING__IDLE_S=5`, `GATEHOUSE_DURABILITY=silver`, lists and maps as
 * JSON (`GATEHOUSE_CAMERAS='[{"id":"gate"}]'`). A name with `__` is always meant as a setting; one without it only when
 * it is a section's, as others (`GATEHOUSE_URL`) are not for us. A deeper name wins over a shallower one.
 */
export function readEnvironment(sections: ConfigSections, env: NodeJS.ProcessEnv): Written {
  const written: Written = { values: Object.create(null), origins: new Map(), faults: [] };
  const found = Object.keys(env)
    .filter((variable) => variable.toUpperCase().startsWith(PREFIX))
    .map((variable) => ({ variable, keys: variable.slice(PREFIX.length).toLowerCase().split("__") }))
    .filter(({ keys }) => keys.length > 1 || Object.hasOwn(sections, keys[0]!))
    .sort((a, b) => a.keys.length - b.keys.length || (a.variable < b.variable ? -1 : 1));
  for (const { variable, keys } of found) place(written, { variable, keys, sections, text: env[variable] ?? "" });
  return written;
}

interface Setting {
  variable: string;
  keys: string[];
  sections: ConfigSections;
  text: string;
}

function place(written: Written, { variable, keys, sections, text }: Setting): void {
  const path = keys.reduce(childPath, "");
  const origin = written.origins.get(path);
  if (origin) written.faults.push({ place: variable, message: `is the same setting as ${nameOf(origin)}` });
  const value = typedValue(schemaAt(sections, keys), text, written.faults, variable);
  if (value === undefined) return;
  let target = written.values;
  for (const key of keys.slice(0, -1)) {
    const inner = target[key];
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) target[key] = Object.create(null);
    target = target[key] as Record<string, unknown>;
  }
  target[keys.at(-1)!] = value;
  written.origins.set(path, { variable });
}

const nameOf = (origin: object): string => ("variable" in origin ? String(origin.variable) : "another");

/** The schema of a setting, or undefined for a name that nobody declared: checking tells it later. */
function schemaAt(sections: ConfigSections, keys: string[]): TSchema | undefined {
  let at: TSchema | undefined = Object.hasOwn(sections, keys[0]!) ? sections[keys[0]!] : undefined;
  for (const key of keys.slice(1)) {
    const map: TSchema | undefined = at?.anyOf?.find((one: TSchema) => one.type === "object") ?? at;
    const record: TSchema | undefined = map?.patternProperties && Object.values<TSchema>(map.patternProperties)[0];
    at = record ?? (map?.properties && Object.hasOwn(map.properties, key) ? map.properties[key] : undefined);
  }
  return at;
}

/** Text as the schema wants it; what fits no type stays text, so that checking refuses it. */
function typedValue(schema: TSchema | undefined, text: string, faults: PlacedFault[], variable: string): unknown {
  if (schema === undefined) return text;
  const choices: TSchema[] = schema.anyOf ?? schema.oneOf ?? [schema];
  const types = new Set(choices.map((choice) => choice.type ?? typeof choice.const));
  if ((types.has("object") || types.has("array")) && !types.has("string")) {
    if (types.has("null") && isNull(text)) return null;
    try {
      return JSON.parse(text, withoutPrototype);
    } catch {
      faults.push({
        place: variable,
        message: `must be ${wanted({ ...schema, anyOf: schema.oneOf ?? schema.anyOf } as TSchema)}, as JSON`,
      });
      return undefined;
    }
  }
  if (types.has("null") && isNull(text)) return null;
  if (types.has("boolean") && /^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  const number = types.has("number") || types.has("integer");
  return number && /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text.trim()) ? Number(text) : text;
}

const isNull = (text: string): boolean => text === "" || text === "~" || text.toLowerCase() === "null";

/** `JSON.parse` makes `__proto__` an own key: maps without a prototype keep it one, and checking refuses it. */
function withoutPrototype(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.assign(Object.create(null), value);
}
