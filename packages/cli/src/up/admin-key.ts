import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { adoptKey, type Database, type KeyRow, openPostgres } from "@gatehouse/store";

export interface AdminKey {
  key_id: string;
  secret: string;
  /** It was made by this start. */
  is_new: boolean;
  /** Where it is kept, readable by its owner only. */
  file: string;
}

/** The admin key of this home: made at the first start, and after it was revoked. Postgres knows its hash. */
export async function adminKey(home: string, database_url: string): Promise<AdminKey> {
  const file = join(home, "admin.key");
  const db = openPostgres(database_url, { name: "gatehouse up", max: 1 });
  try {
    const kept = await adopt(db, file);
    if (kept.row.revoked_at_ms === null) return { ...kept, key_id: kept.row.key_id, file };
    rmSync(file);
    const made = await adopt(db, file);
    return { ...made, key_id: made.row.key_id, file };
  } finally {
    await db.close();
  }
}

async function adopt(db: Database, file: string): Promise<{ secret: string; is_new: boolean; row: KeyRow }> {
  const is_new = !existsSync(file);
  if (is_new) writeFileSync(file, `gh_${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  const secret = readFileSync(file, "utf8").trim();
  return { secret, is_new, row: await adoptKey(db, secret, { role: "admin", label: "admin.key" }) };
}
