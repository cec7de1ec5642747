import { createHash } from "node:crypto";
import { type Database, findKey, findKeyById, type KeyRow, touchKey } from "@gatehouse/store";

/** Who asks. */
export type Identity = Pick<KeyRow, "key_id" | "role" | "user_id" | "subjects" | "label">;

/** Knows keys. What it knows may be 10 s old: that is how long a revoked key still works. */
export interface Keyring {
  /** The holder of a secret; null for an unknown or revoked one. @throws {PostgresDownError} */
  bySecret(secret: string): Promise<Identity | null>;
  byId(key_id: string): Promise<Identity | null>;
}

const LIFE_MS = 10_000;
const MAX_KNOWN = 10_000;
const MAX_SECRET = 256;

export function createKeyring(db: Database): Keyring {
  const known = new Map<string, { asked: Promise<KeyRow | null>; until_ms: number }>();
  const remember = (name: string, ask: () => Promise<KeyRow | null>): Promise<KeyRow | null> => {
    const found = known.get(name);
    if (found && found.until_ms > Date.now()) return found.asked;
    const asked = ask().then((key) => {
      if (key) void touchKey(db, key.key_id, Date.now()).catch(() => undefined);
      return key;
    });
    asked.catch(() => known.delete(name));
    known.delete(name);
    known.set(name, { asked, until_ms: Date.now() + LIFE_MS });
    if (known.size > MAX_KNOWN) known.delete(known.keys().next().value!);
    return asked;
  };
  return {
    bySecret: async (secret) =>
      secret.length > MAX_SECRET ? null : remember(`secret ${hashOf(secret)}`, () => findKey(db, secret)),
    byId: (key_id) => remember(`id ${key_id}`, () => findKeyById(db, key_id)),
  };
}

/** Secrets are looked up by their hash, so that no comparison tells by its time how much of one was right. */
function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64");
}
