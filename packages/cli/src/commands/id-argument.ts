import { ID_PATTERN, isId } from "@gatehouse/events";
import { InvalidArgumentError } from "commander";

/** Reads an id. */
export function idArgument(text: string): string {
  if (isId(text)) return text;
  throw new InvalidArgumentError(`must match ${ID_PATTERN}`);
}
