import type { Static, TSchema } from "@sinclair/typebox";
import { TypeCompiler, type ValueError, ValueErrorType } from "@sinclair/typebox/compiler";
import { SchemaViolationError } from "./errors.ts";
import { shown, wanted } from "./wording.ts";

/** What is wrong with one field. */
export interface Violation {
  /** `detections[0].box.x` */
  path: string;
  /** The sentence without its subject: `must be at most 1: current value is 3` */
  message: string;
}

/** Checks a value against a schema, compiled once. */
export interface Checker<S extends TSchema> {
  holds(value: unknown): value is Static<S>;
  violations(value: unknown, most?: number): Violation[];
  /** @throws {SchemaViolationError} with the action that failed as its beginning. */
  assert(value: unknown, action: string): asserts value is Static<S>;
}

export function compileCheck<S extends TSchema>(schema: S): Checker<S> {
  const compiled = TypeCompiler.Compile(schema);
  const violations = (value: unknown, most = 20): Violation[] => {
    const seen = new Map<string, Violation>();
    for (const error of compiled.Errors(value)) {
      for (const leaf of leavesOf(error)) {
        const path = readablePath(leaf.error.path);
        if (!seen.has(path)) seen.set(path, { path, message: wording(leaf) });
        if (seen.size >= most) return [...seen.values()];
      }
    }
    return [...seen.values()];
  };
  return {
    holds: (value): value is Static<S> => compiled.Check(value),
    violations,
    assert(value, action) {
      if (compiled.Check(value)) return;
      const [first] = violations(value, 1);
      throw new SchemaViolationError(`${action} as ${first?.path || "it"} ${first?.message ?? "does not fit"}`, {
        facts: { path: first?.path ?? "" },
      });
    },
  };
}

function readablePath(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path ? `${path}.${part}` : part), "");
}

interface Leaf {
  error: ValueError;
  orNull: boolean;
}

/** Looks inside "this or null", so that the path leads to the field that is wrong. */
function* leavesOf(error: ValueError): Iterable<Leaf> {
  const inner = isOrNull(error) ? error.errors[0] : undefined;
  if (!inner) {
    yield { error, orNull: false };
    return;
  }
  for (const found of inner)
    for (const leaf of leavesOf(found)) yield { ...leaf, orNull: leaf.orNull || found.path === error.path };
}

function isOrNull({ type, schema }: ValueError): boolean {
  return type === ValueErrorType.Union && schema.anyOf.length === 2 && schema.anyOf[1].type === "null";
}

function wording({ error, orNull }: Leaf): string {
  if (error.type === ValueErrorType.ObjectRequiredProperty || error.value === undefined) return "is missing";
  return `must be ${wanted(error.schema, error.message)}${orNull ? " or null" : ""}: current value is ${shown(error.value)}`;
}
