import { type Queryable, writeAudit } from "@gatehouse/store";
import type { Identity } from "../auth/keyring.ts";
import { nameOf } from "../http/admit.ts";

/** Somebody had something done to a run. Its parameters are not kept with it: the audit never forgets. */
export function auditRun(
  db: Queryable,
  who: Identity,
  {
    action,
    target,
    details = {},
  }: { action: `pipeline.${"run" | "cancel" | "retry"}`; target: string; details?: { pipeline?: string } },
): Promise<void> {
  return writeAudit(db, { at_ms: Date.now(), who: nameOf(who), action, target, details });
}
