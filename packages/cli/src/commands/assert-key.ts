import { ID_PATTERN, isId, isPattern } from "@gatehouse/events";
import { ADMIN_USER, coversOthers } from "@gatehouse/gateway";
import type { Role } from "@gatehouse/store";
import { UsageError } from "../errors.ts";

/** Whether a key can be made so. @throws {UsageError} */
export function assertKey({ role, user, subjects }: { role: Role; user?: string; subjects: readonly string[] }): void {
  if (user !== undefined && !isId(user))
    throw new UsageError(`Cannot make a key as --user must match ${ID_PATTERN}: current value is "${user}"`);
  if (user === ADMIN_USER)
    throw new UsageError(
      `Cannot make a key as --user must not be "${ADMIN_USER}": admins' keys without a --user chat under that name`,
    );
  const wrong = subjects.find((subject) => !isPattern(subject));
  if (wrong !== undefined)
    throw new UsageError(
      `Cannot make a key as --subjects must be subjects, * and > allowed: current value is "${wrong}"`,
    );
  const foreign = role === "admin" ? undefined : subjects.find((subject) => coversOthers(subject, user ?? null));
  if (foreign !== undefined)
    throw new UsageError(
      `Cannot make a key of role ${role} as --subjects must not cover what belongs to other users: current value is "${foreign}", which only an admin's key may follow`,
    );
}
