import { cameraEventCreated } from "@gatehouse/events";
import type { TSchema } from "@sinclair/typebox";

/** A field of a security event, and whether it may be null. */
export interface EventField {
  /** What it is when it is not null; of a list, what its entries are. */
  readonly schema: TSchema;
  readonly nullable: boolean;
}

/** The field of a security event at `risk.level`; null when no event has one there. What enrichments found may be anything. */
export function eventField(path: string): EventField | null {
  let field = strip(cameraEventCreated.schema);
  for (const name of path.split(".")) {
    const inner = innerOf(field.schema, name);
    if (!inner) return null;
    field = strip(inner);
  }
  return field.schema.type === "array" ? { ...strip(field.schema.items), nullable: true } : field;
}

/** All that can be named of a security event: `risk.level`, `labels`. */
export function eventFieldNames(): string[] {
  return namesIn(cameraEventCreated.schema, "");
}

function namesIn(schema: TSchema, before: string): string[] {
  return Object.entries((schema.properties ?? {}) as Record<string, TSchema>).flatMap(([name, field]) => [
    ...(field.properties ? [] : [`${before}${name}`]),
    ...namesIn(field, `${before}${name}.`),
  ]);
}

/** Schemas without a type are of anything, and so is what is in them. */
function innerOf(schema: TSchema, name: string): TSchema | null {
  const properties = (schema.properties ?? {}) as Record<string, TSchema>;
  if (Object.hasOwn(properties, name)) return properties[name]!;
  if (name === "__proto__" || name === "") return null;
  if (schema.patternProperties) return Object.values(schema.patternProperties as Record<string, TSchema>)[0]!;
  return isAnything(schema) ? schema : null;
}

/** Whether nothing is said about what it is. */
export function isAnything({ type, anyOf, const: only }: TSchema): boolean {
  return type === undefined && anyOf === undefined && only === undefined;
}

function strip(schema: TSchema): EventField {
  const choices: TSchema[] = schema.anyOf ?? [schema];
  const others = choices.filter(({ type }) => type !== "null");
  const nullable = others.length < choices.length || isAnything(schema);
  return { schema: others.length === 1 ? others[0]! : schema, nullable };
}

/** What is at a path of an event; undefined where nothing is. Never what a prototype has. */
export function valueAt(event: object, path: string): unknown {
  let value: unknown = event;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
