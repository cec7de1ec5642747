import type { TSchema } from "@sinclair/typebox";
import type { OnFault } from "./configuration.ts";
import { range, shown, wanted } from "./wording.ts";

/** Checks text, a number, truth, null or one fixed word. `nullable` of the schema adds "or null" to what is said. */
export function checkScalar(schema: TSchema, value: unknown, path: string, onFault: OnFault): void {
  const problem = problemOf(schema, value);
  if (problem === null) return;
  onFault(path, `must ${problem}${schema.nullable ? " or null" : ""}: current value is ${shown(value)}`);
}

/** What the value must do to fit, or null. */
function problemOf(schema: TSchema, value: unknown): string | null {
  if (schema.const !== undefined) return value === schema.const ? null : `be ${wanted(schema)}`;
  switch (schema.type) {
    case "string":
      return typeof value === "string" ? textProblem(schema, value) : `be ${wanted(schema)}`;
    case "integer":
    case "number":
      return numberProblem(schema, value);
    case "boolean":
      return typeof value === "boolean" ? null : `be ${wanted(schema)}`;
    case "null":
      return value === null ? null : `be ${wanted(schema)}`;
    default:
      throw new TypeError(
        `Cannot check a setting as its schema must be one that settings are made of: "${schema.type}"`,
      );
  }
}

function numberProblem(schema: TSchema, value: unknown): string | null {
  if (typeof value !== "number" || !Number.isFinite(value)) return `be ${wanted(schema)}`;
  if (schema.type === "integer" && !Number.isSafeInteger(value)) return `be ${wanted(schema)}`;
  const { minimum = -Infinity, maximum = Infinity } = schema;
  return value >= minimum && value <= maximum ? null : `be${range(schema)}`;
}

function textProblem(schema: TSchema, text: string): string | null {
  const { minLength = 0, maxLength = 4096, pattern, format } = schema;
  if (text.length < minLength || text.length > maxLength) return `have ${minLength}..${maxLength} characters`;
  if (pattern !== undefined && !new RegExp(pattern).test(text)) return `match ${pattern}`;
  if (format === "url") return urlProblem(text);
  return null;
}

function urlProblem(text: string): string | null {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) return "be an http or https URL";
  const { username, password } = new URL(text);
  return username === "" && password === "" ? null : "carry no credentials: name them as a secret";
}
