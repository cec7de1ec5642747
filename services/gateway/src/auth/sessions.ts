import { createHash, randomBytes } from "node:crypto";
import type { Cache } from "@gatehouse/store";
import { codeKey, LOGIN_CODE_S } from "./login-code.ts";

/** How long a browser stays logged in. */
export const SESSION_S = 30 * 24 * 3600;

/** Browsers that are logged in. Kept in Redis: losing it means to log in again. All methods may throw `RedisDownError`. */
export interface Sessions {
  /** Trades a code for a session, once. Null: no such code, or used. */
  open(code: string): Promise<{ token: string; key_id: string } | null>;
  /** The key of a session. */
  keyOf(token: string): Promise<string | null>;
  close(token: string): Promise<void>;
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const CODE = /^[A-Za-z0-9_-]{32}$/;

export function createSessions(cache: Cache): Sessions {
  return {
    async open(code) {
      if (!CODE.test(code)) return null;
      const key_id = await cache.get(codeKey(code));
      if (key_id === null) return null;
      const first = (await cache.setIfAbsent(`${codeKey(code)}:used`, "1", 2 * LOGIN_CODE_S)) === null;
      if (!first) return null;
      await cache.remove(codeKey(code));
      const token = randomBytes(32).toString("base64url");
      await cache.set(sessionKey(token), key_id, SESSION_S);
      return { token, key_id };
    },
    keyOf: async (token) => (TOKEN.test(token) ? cache.get(sessionKey(token)) : null),
    close: async (token) => {
      if (TOKEN.test(token)) await cache.remove(sessionKey(token));
    },
  };
}

const sessionKey = (token: string) => `session:${createHash("sha256").update(token).digest("hex")}`;
