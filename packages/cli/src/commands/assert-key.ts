import { ID_PATTERN, isId, isPattern } from "@gatehouse/events";
import { UsageError } from "../errors.ts";

/** Whether a key can be made so. @throws {UsageError} */
export function assertKey({ user, subjects }: { user?: string; subjects: readonly string[] }): void {
  if (user !== undefined && !isId(user))
    throw new UsageError(`Cannot make a key as --user must match ${ID_PATTERN}: current value is "${user}"`);
  const wrong = subjects.find((subject) => !isPattern(subject));
  if (wrong !== undefined)
    throw new UsageError(
      `Cannot make a key as --subjects must be subjects, * and > allowed: current value is "${wrong}"`,
    );
}
