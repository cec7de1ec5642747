import type { Static, TSchema } from "@sinclair/typebox";
import { TypeCompiler, ValueErrorType } from "@sinclair/typebox/compiler";
import { SchemaViolationError } from "./errors.ts";

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
      const path = readablePath(error.path);
      if (!seen.has(path)) seen.set(path, { path, message: wording(error) });
      if (seen.size >= most) break;
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

function wording(error: { type: ValueErrorType; schema: TSchema; value: unknown; message: string }): string {
  if (error.type === ValueErrorType.ObjectRequiredProperty || error.value === undefined) return "is missing";
  return `${wanted(error)}: current value is ${shown(error.value)}`;
}

function wanted({ schema, message }: { schema: TSchema; message: string }): string {
  const words = schema.anyOf?.map((one: TSchema) => (one.const === undefined ? one.type : JSON.stringify(one.const)));
  if (words) return `must be ${words.join(" or ")}`;
  if (schema.pattern) return `must match ${schema.pattern}`;
  if (schema.minimum !== undefined && schema.maximum !== undefined)
    return `must be ${schema.type === "integer" ? "a whole number " : ""}${schema.minimum}..${schema.maximum}`;
  const text = message.replace(/^Expected /, "must be ");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  const text = typeof value === "bigint" ? `${value}` : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
