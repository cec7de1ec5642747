import { decodeCursor, type Page, toPage } from "./cursor.ts";
import type { Queryable } from "./queryable.ts";

/** Who did what, for good: the table refuses change. Written by gateway and the command line. */
export interface AuditEntry {
  at_ms: number;
  who: string;
  /** A word for what was done: "key.revoke". */
  action: string;
  /** To what. */
  target: string;
  details: Record<string, unknown>;
}

export interface AuditRow extends AuditEntry {
  audit_id: number;
}

export async function writeAudit(db: Queryable, { at_ms, who, action, target, details }: AuditEntry): Promise<void> {
  await db.query("insert into audit (at_ms, who, action, target, details) values ($1, $2, $3, $4, $5)", [
    at_ms,
    who,
    action,
    target,
    JSON.stringify(details),
  ]);
}

/** Newest written first. @throws {BadCursorError} */
export async function listAudit(
  db: Queryable,
  { limit, cursor }: { limit: number; cursor?: string | null },
): Promise<Page<AuditRow>> {
  const rows = await db.query<AuditRow>(
    "select * from audit where $1::bigint is null or audit_id < $1 order by audit_id desc limit $2",
    [cursor ? decodeCursor(cursor, 0)[0] : null, limit + 1],
  );
  return toPage(rows, limit, (row) => [row.audit_id]);
}
