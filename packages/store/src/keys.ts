import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { Queryable } from "./queryable.ts";

export type Role = "viewer" | "operator" | "admin";

export interface NewKey {
  role: Role;
  /** Whose key it is; null: nobody's in particular. */
  user_id?: string | null;
  /** Patterns that it may publish and follow besides what its role allows. */
  subjects?: readonly string[];
  /** What people call it. */
  label: string;
}

/** A key to the doors, without its secret. Written by gateway and the command line. */
export interface KeyRow {
  key_id: string;
  role: Role;
  user_id: string | null;
  subjects: string[];
  label: string;
  created_at_ms: number;
  revoked_at_ms: number | null;
  /** To the minute. */
  last_used_at_ms: number | null;
}

const COLUMNS = "key_id, role, user_id, subjects, label, created_at_ms, revoked_at_ms, last_used_at_ms";
const TOUCH_MS = 60_000;

/** Makes a key. Its secret (`gh_` and 43 characters of base64url: 256 random bits) is given here and never again. */
export async function createKey(db: Queryable, key: NewKey): Promise<{ key: KeyRow; secret: string }> {
  const secret = `gh_${randomBytes(32).toString("base64url")}`;
  return { key: await adoptKey(db, secret, key), secret };
}

/** Makes a secret that exists already a key. Safe to repeat: the first one stays as it is, also when it was revoked. */
export async function adoptKey(db: Queryable, secret: string, key: NewKey): Promise<KeyRow> {
  const { role, user_id = null, subjects = [], label } = key;
  await db.query(
    `insert into keys (key_id, sha256, role, user_id, subjects, label, created_at_ms)
     values ($1, $2, $3, $4, $5, $6, now_ms()) on conflict (sha256) do nothing`,
    [randomUUID(), hashOf(secret), role, user_id, subjects, label],
  );
  const [row] = await db.query<KeyRow>(`select ${COLUMNS} from keys where sha256 = $1`, [hashOf(secret)]);
  return row!;
}

/** The key of a secret; null for an unknown or a revoked one. */
export async function findKey(db: Queryable, secret: string): Promise<KeyRow | null> {
  const [row] = await db.query<KeyRow>(`select ${COLUMNS} from keys where sha256 = $1 and revoked_at_ms is null`, [
    hashOf(secret),
  ]);
  return row ?? null;
}

/** All keys, revoked ones too, oldest first. */
export function listKeys(db: Queryable): Promise<KeyRow[]> {
  return db.query<KeyRow>(`select ${COLUMNS} from keys order by created_at_ms, key_id`);
}

/** Ends a key for good. False when there is none, or it was revoked before. */
export async function revokeKey(db: Queryable, key_id: string): Promise<boolean> {
  const revoked = await db.query(
    "update keys set revoked_at_ms = now_ms() where key_id = $1 and revoked_at_ms is null returning 1",
    [key_id],
  );
  return revoked.length > 0;
}

/** Notes that a key was used; writes once a minute at most. */
export async function touchKey(db: Queryable, key_id: string, at_ms: number): Promise<void> {
  await db.query(
    "update keys set last_used_at_ms = $2 where key_id = $1 and (last_used_at_ms is null or last_used_at_ms <= $3)",
    [key_id, at_ms, at_ms - TOUCH_MS],
  );
}

/** A plain hash is enough: the secret is 256 random bits, not a password. */
function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
