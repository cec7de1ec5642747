import { putDue, type Queryable } from "@gatehouse/store";
import { SERVICE } from "../service-name.ts";

/** Passages wait for their vectors, or are to go: one row for all, so that one process does it. */
export function dueEmbedding(tx: Queryable): Promise<void> {
  return putDue(tx, { service: SERVICE, kind: "embed", key: "passages", due_at_ms: Date.now() });
}
