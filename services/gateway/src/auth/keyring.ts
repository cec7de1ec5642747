import { createHash } from "node:crypto";
import { describeError } from "@gatehouse/errors";
import { type Database, findKey, findKeyById, type KeyRow, touchKey } from "@gatehouse/store";

/** Who asks. */
export type Identity = Pick<KeyRow, "key_id" | "role" | "user_id" | "subjects" | "label">;

/**
 * Knows keys. A revoked one works for 10 s at most while Postgres answers. While it does not, keys that were good go
 * on for 15 min, and nobody else is let in.
 */
export interface Keyring {
  /** The holder of a secret; null for an unknown or revoked one. @throws {PostgresDownError} */
  bySecret(secret: string): Promise<Identity | null>;
  byId(key_id: string): Promise<Identity | null>;
}

interface Verdict {
  key: KeyRow;
  /** When Postgres said so. */
  checked_ms: number;
  /** Until then nobody asks again. */
  rests_until_ms: number;
}

const LIFE_MS = 10_000;
const STALE_MS = 15 * 60_000;
/** While Postgres is away it is asked once in so long for each key: asking may take 2 s. */
const ASK_AGAIN_MS = 5_000;
const MAX_KNOWN = 10_000;
const MAX_SECRET = 256;

export function createKeyring(db: Database, now_ms: () => number = Date.now): Keyring {
  const good = new Map<string, Verdict>();
  const asking = new Map<string, Promise<KeyRow | null>>();
  const remember = (name: string, verdict: Verdict): void => {
    good.delete(name);
    good.set(name, verdict);
    if (good.size > MAX_KNOWN) good.delete(good.keys().next().value!);
  };
  const askNow = async (name: string, ask: () => Promise<KeyRow | null>): Promise<KeyRow | null> => {
    const before = good.get(name);
    const checked_ms = now_ms();
    try {
      const key = await ask();
      if (!key) {
        good.delete(name);
        return null;
      }
      // An open connection is checked by its key's id: with this it, too, outlives Postgres.
      remember(idName(key.key_id), { key, checked_ms, rests_until_ms: 0 });
      remember(name, { key, checked_ms, rests_until_ms: checked_ms + LIFE_MS });
      void touchKey(db, key.key_id, checked_ms).catch(() => undefined);
      return key;
    } catch (error) {
      if (!before || describeError(error).retry !== "later" || now_ms() - before.checked_ms >= STALE_MS) throw error;
      before.rests_until_ms = now_ms() + ASK_AGAIN_MS;
      return before.key;
    }
  };
  const known = async (name: string, ask: () => Promise<KeyRow | null>): Promise<KeyRow | null> => {
    const verdict = good.get(name);
    if (verdict && now_ms() < verdict.rests_until_ms) return verdict.key;
    const asked = asking.get(name) ?? askNow(name, ask).finally(() => asking.delete(name));
    asking.set(name, asked);
    return asked;
  };
  return {
    bySecret: async (secret) =>
      secret.length > MAX_SECRET ? null : known(`secret ${hashOf(secret)}`, () => findKey(db, secret)),
    byId: (key_id) => known(idName(key_id), () => findKeyById(db, key_id)),
  };
}

const idName = (key_id: string): string => `id ${key_id}`;

/** Secrets are looked up by their hash, so that no comparison tells by its time how much of one was right. */
function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64");
}
