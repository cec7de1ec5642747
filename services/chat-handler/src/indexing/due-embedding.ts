import { type Database, ensureDue } from "@gatehouse/store";
import { SERVICE } from "../service-name.ts";

/** Passages were written that wait for their vectors, or are to go: one row for all, so that one process does it. */
export function dueEmbedding(db: Database): Promise<void> {
  return ensureDue(db, { service: SERVICE, kind: "embed", key: "passages", due_at_ms: Date.now() });
}
