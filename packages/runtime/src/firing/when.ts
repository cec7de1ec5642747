import { subjectMatches } from "@gatehouse/events";
import { valueAt } from "./event-fields.ts";

export const OPERATORS = ["=", "!=", ">", ">=", "<", "<="] as const;
export type Operator = (typeof OPERATORS)[number];

/** One comparison of a field of an event with a value. */
export interface Condition {
  /** `risk.level` */
  readonly field: string;
  readonly operator: Operator;
  readonly value: string | number | boolean | null;
}

/** Which security events fire a pipeline: `camera.*.event.created with risk.level = critical and labels = person`. */
export interface When {
  /** A pattern of the bus. */
  readonly subject: string;
  /** All must hold. */
  readonly conditions: readonly Condition[];
}

/**
 * Whether an event that came on a subject is meant. A list is equal to each of its entries, a field that is not there is
 * null, and only numbers are greater or less than others.
 */
export function whenHolds({ subject, conditions }: When, { event, on }: { event: object; on: string }): boolean {
  return subjectMatches(subject, on) && conditions.every((condition) => holds(condition, event));
}

function holds({ field, operator, value }: Condition, event: object): boolean {
  const seen = valueAt(event, field) ?? null;
  if (operator === "=") return equals(seen, value);
  if (operator === "!=") return !equals(seen, value);
  if (typeof seen !== "number" || typeof value !== "number") return false;
  if (operator === ">") return seen > value;
  if (operator === ">=") return seen >= value;
  return operator === "<" ? seen < value : seen <= value;
}

function equals(seen: unknown, value: Condition["value"]): boolean {
  return Array.isArray(seen) ? seen.includes(value) : seen === value;
}
