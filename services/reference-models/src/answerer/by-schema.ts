/** A JSON Schema, as far as it is obeyed: the keywords read below. */
export type Schema = Record<string, unknown>;

/** Gives the values that a schema leaves open. Each is told the property's name. */
export interface Filler {
  text(name: string): string;
  number(name: string): number;
  truth(name: string): boolean;
  choose(name: string, values: unknown[]): unknown;
}

const deepest = 12;

/** Makes a value that the schema allows, asking the filler for what is open. Optional properties are given as well. */
export function fillSchema(schema: Schema, filler: Filler, name = "answer", root: Schema = schema, depth = 0): unknown {
  if (depth > deepest) return null;
  const at = resolve(schema, root);
  if ("const" in at) return at.const;
  if (Array.isArray(at.enum)) return filler.choose(name, at.enum);
  const options = at.anyOf ?? at.oneOf;
  if (Array.isArray(options)) return fillSchema(firstUseful(options), filler, name, root, depth + 1);
  if (Array.isArray(at.allOf))
    return fillSchema(Object.assign({}, at, { allOf: undefined }, ...at.allOf), filler, name, root, depth + 1);
  switch (typeOf(at)) {
    case "object":
      return fillObject(at, filler, root, depth);
    case "array":
      return fillArray(at, filler, name, root, depth);
    case "integer":
      return bound(at, Math.round(filler.number(name)), 1);
    case "number":
      return bound(at, filler.number(name), 0);
    case "boolean":
      return filler.truth(name);
    case "null":
      return null;
    default:
      return fitText(at, filler.text(name));
  }
}

function resolve(schema: Schema, root: Schema): Schema {
  if (typeof schema.$ref !== "string" || !schema.$ref.startsWith("#/")) return schema;
  let at: unknown = root;
  for (const step of schema.$ref.slice(2).split("/")) at = (at as Schema | undefined)?.[step];
  return (at as Schema | undefined) ?? {};
}

function firstUseful(options: Schema[]): Schema {
  return options.find((option) => option.type !== "null") ?? options[0] ?? {};
}

function typeOf(schema: Schema): unknown {
  if (Array.isArray(schema.type)) return schema.type.find((type) => type !== "null");
  if (schema.type !== undefined) return schema.type;
  return schema.properties !== undefined ? "object" : schema.items !== undefined ? "array" : "string";
}

function fillObject(schema: Schema, filler: Filler, root: Schema, depth: number): Schema {
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  const required = Array.isArray(schema.required) ? (schema.required as string[]) : [];
  const names = new Set([...Object.keys(properties), ...required]);
  const filled = [...names].map((name) => [name, fillSchema(properties[name] ?? {}, filler, name, root, depth + 1)]);
  return Object.fromEntries(filled) as Schema;
}

function fillArray(schema: Schema, filler: Filler, name: string, root: Schema, depth: number): unknown[] {
  const least = typeof schema.minItems === "number" ? schema.minItems : 1;
  const most = typeof schema.maxItems === "number" ? schema.maxItems : 1000;
  const count = Math.min(1000, most, Math.max(least, Math.min(1, most)));
  return Array.from({ length: count }, () => fillSchema((schema.items ?? {}) as Schema, filler, name, root, depth + 1));
}

function bound(schema: Schema, value: number, step: number): number {
  const given = (key: string): number | undefined => (typeof schema[key] === "number" ? schema[key] : undefined);
  const inside = step || Number.EPSILON;
  const above = given("exclusiveMinimum");
  const below = given("exclusiveMaximum");
  const least = given("minimum") ?? (above === undefined ? Number.NEGATIVE_INFINITY : above + inside);
  const most = given("maximum") ?? (below === undefined ? Number.POSITIVE_INFINITY : below - inside);
  const scaled = most <= 1 && least >= 0 && value > 1 ? value / 100 : value;
  const multiple = given("multipleOf");
  const whole = multiple === undefined ? scaled : Math.round(scaled / multiple) * multiple;
  const bounded = Math.min(most, Math.max(least, whole));
  return step === 1 ? Math.round(bounded) : bounded;
}

function fitText(schema: Schema, text: string): string {
  const most = typeof schema.maxLength === "number" ? schema.maxLength : Number.POSITIVE_INFINITY;
  const least = typeof schema.minLength === "number" ? schema.minLength : 0;
  return text.padEnd(least, ".").slice(0, most);
}
