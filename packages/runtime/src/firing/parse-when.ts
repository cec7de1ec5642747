import { cameraEventCreated, cameraEventUpdated, isId, wildcardOf } from "@gatehouse/events";
import type { TSchema } from "@sinclair/typebox";
import { nearestName } from "../config/nearest-name.ts";
import { shown, wanted } from "../config/wording.ts";
import { eventField, eventFieldNames, isAnything } from "./event-fields.ts";
import { type Condition, OPERATORS, type Operator, type When } from "./when.ts";

const MOST_CONDITIONS = 16;
const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;
/** A text in quotes, an operator, or a word. */
const TOKEN = /\s*("(?:[^"\\]|\\["\\])*"|[<>!]=|[=<>]|[^\s"<>=!]+)/y;
const SUBJECTS = [wildcardOf(cameraEventCreated), wildcardOf(cameraEventUpdated), "camera.*.event.*"];

/**
 * Reads `<subject> [with <field> <operator> <value> [and …]]`. What is wrong is told, as a sentence without its subject; then
 * there is no result.
 */
export function parseWhen(text: string, onFault: (message: string) => void): When | null {
  const tokens = tokensOf(text);
  if (!tokens) {
    onFault(`must be read as a condition: current value is ${shown(text)}`);
    return null;
  }
  const [subject = "", joint, ...rest] = tokens;
  const faults: string[] = [];
  if (!isSubject(subject))
    faults.push(
      `must begin with ${SUBJECTS.join(" or ")}, or with a camera in place of the first *: it begins with ${shown(subject)}`,
    );
  if (joint !== undefined && joint !== "with")
    faults.push(`must have "with" after its subject: current value is ${shown(joint)}`);
  const conditions = joint === "with" ? readConditions(rest, (fault) => faults.push(fault)) : [];
  for (const fault of faults) onFault(fault);
  return faults.length === 0 ? { subject, conditions } : null;
}

function tokensOf(text: string): string[] | null {
  const tokens: string[] = [];
  const whole = text.trimEnd();
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < whole.length; ) {
    const found = TOKEN.exec(whole);
    if (!found) return null;
    tokens.push(found[1]!);
  }
  return tokens;
}

function isSubject(subject: string): boolean {
  const [camera, id = "", event, kind = "", ...more] = subject.split(".");
  const named = camera === "camera" && (id === "*" || isId(id)) && event === "event" && more.length === 0;
  return named && ["created", "updated", "*"].includes(kind);
}

function readConditions(tokens: string[], onFault: (message: string) => void): Condition[] {
  const conditions: Condition[] = [];
  for (let at = 0; ; at += 4) {
    const [field, operator, value, joint] = tokens.slice(at, at + 4);
    if (field === undefined || operator === undefined || value === undefined) {
      onFault(`must have a field, a comparison and a value after "${at === 0 ? "with" : "and"}"`);
      return conditions;
    }
    const condition = readCondition({ field, operator, value }, onFault);
    if (condition) conditions.push(condition);
    if (joint === undefined) break;
    if (joint !== "and") {
      onFault(`must have "and" between comparisons: current value is ${shown(joint)}`);
      break;
    }
  }
  if (conditions.length > MOST_CONDITIONS)
    onFault(`must have at most ${MOST_CONDITIONS} comparisons: it has ${conditions.length}`);
  return conditions;
}

function readCondition(
  { field, operator, value: token }: { field: string; operator: string; value: string },
  onFault: (message: string) => void,
): Condition | null {
  const found = eventField(field);
  if (!found) {
    const near = nearestName(field, eventFieldNames());
    const known = near ? `did you mean "${near}"` : `known are ${eventFieldNames().join(", ")}`;
    onFault(`names ${shown(field)}, which is no field of an event: ${known}`);
    return null;
  }
  const { schema, nullable } = found;
  if (!isOperator(operator)) {
    onFault(`must have one of ${OPERATORS.join(" ")} after ${field}: current value is ${shown(operator)}`);
    return null;
  }
  const value = valueFrom(token, schema, nullable);
  const ordered = operator !== "=" && operator !== "!=";
  if (ordered && typeof value !== "number") {
    onFault(`must compare ${field} by = or !=, or with a number: it says ${operator} ${shown(token)}`);
    return null;
  }
  if (value !== undefined) return { field, operator, value };
  onFault(
    `must compare ${field} with ${wanted(schema)}${nullable ? " or null" : ""}: current value is ${shown(token)}`,
  );
  return null;
}

const isOperator = (token: string): token is Operator => (OPERATORS as readonly string[]).includes(token);

/** A token as a value of a field; undefined when the field never has it. */
function valueFrom(token: string, schema: TSchema, nullable: boolean): Condition["value"] | undefined {
  const quoted = token.startsWith('"');
  const text = quoted ? token.slice(1, -1).replace(/\\(["\\])/g, "$1") : token;
  if (!quoted && nullable && text === "null") return null;
  if (isAnything(schema)) return quoted ? text : plainValue(text);
  if (schema.anyOf) return schema.anyOf.some((word: TSchema) => word.const === text) ? text : undefined;
  if (schema.type === "string") return text;
  if (quoted) return undefined;
  if (schema.type === "boolean") return text === "true" ? true : text === "false" ? false : undefined;
  if (schema.type === "number" || schema.type === "integer") return NUMBER.test(text) ? Number(text) : undefined;
  return undefined;
}

function plainValue(text: string): string | number | boolean {
  if (NUMBER.test(text)) return Number(text);
  return text === "true" ? true : text === "false" ? false : text;
}
