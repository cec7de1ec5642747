import { randomBytes } from "node:crypto";
import { openRedis } from "@gatehouse/store";

/** Before every key of the gateway in Redis. */
export const REDIS_PREFIX = "gh:";
/** How long a printed link works. */
export const LOGIN_CODE_S = 60;

/** A code that logs a browser in, once. */
export interface LoginCode {
  code: string;
  /** To be put behind the gateway's URL: `/#code=…` (a fragment is never sent to a server). */
  path: string;
  expires_at_ms: number;
}

export const codeKey = (code: string): string => `login:${code}`;

/** Makes a code for the printed link: it lets one browser in as this key, once, within 60 s. @throws {RedisDownError} */
export async function createLoginCode(redis_url: string, key_id: string): Promise<LoginCode> {
  const cache = openRedis(redis_url, { name: "login-code", key_prefix: REDIS_PREFIX });
  try {
    const code = randomBytes(24).toString("base64url");
    await cache.setIfAbsent(codeKey(code), key_id, LOGIN_CODE_S);
    return { code, path: `/#code=${code}`, expires_at_ms: Date.now() + LOGIN_CODE_S * 1_000 };
  } finally {
    await cache.close();
  }
}
