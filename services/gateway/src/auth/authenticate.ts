import type { IncomingMessage } from "node:http";
import type { Deps } from "../deps.ts";
import { ForeignHostError, UnauthorizedError } from "../errors.ts";
import { assertAllowed } from "../rate-limits.ts";
import { hostAllowed, hostWanted, originMatches } from "./hosts.ts";
import type { Identity } from "./keyring.ts";

/** The cookie that holds a browser's session. */
export const SESSION_COOKIE = "gatehouse_session";

/** The parts of a request that tell who asks. */
export type Asking = Pick<IncomingMessage, "method" | "headers">;

const SAFE = new Set(["GET", "HEAD"]);

/** Refuses requests that came here by a name that is not ours. @throws {ForeignHostError} */
export function assertOurHost({ headers }: Asking, { config: { gateway } }: Deps): void {
  if (hostAllowed(headers.host, gateway)) return;
  throw new ForeignHostError(
    `Cannot answer for host ${JSON.stringify(headers.host ?? "")} as it must be ${hostWanted(gateway)}`,
  );
}

/**
 * Who asks: the bearer's key, else the browser's session. Null when neither was given.
 * @throws {UnauthorizedError | ForeignHostError | RateLimitedError | PostgresDownError | RedisDownError}
 */
export async function authenticate(asking: Asking, address: string, deps: Deps): Promise<Identity | null> {
  const { authorization } = asking.headers;
  if (authorization !== undefined) return identify(bearerOf(authorization), address, deps);
  const token = cookieOf(asking.headers.cookie);
  if (token === null) return null;
  assertOwnSite(asking, deps);
  const key_id = await deps.sessions.keyOf(token);
  return key_id === null ? null : deps.keyring.byId(key_id);
}

/** The holder of a secret; each wrong one counts against the address. @throws {UnauthorizedError | RateLimitedError} */
export async function identify(secret: string, address: string, { keyring, rates }: Deps): Promise<Identity> {
  assertAllowed(rates.wrongKeys.look(address), "wrong keys");
  const identity = await keyring.bySecret(secret);
  if (identity) return identity;
  rates.wrongKeys.take(address);
  throw new UnauthorizedError("Cannot let you in as the key is not known or was revoked");
}

/** A browser sends its cookie whoever made it ask: only our own pages may. */
function assertOwnSite({ method, headers }: Asking, { config: { gateway } }: Deps): void {
  const { origin, host, upgrade } = headers;
  if (origin === undefined && SAFE.has(method ?? "GET") && upgrade === undefined) return;
  if (origin !== undefined && originMatches(origin, host, gateway)) return;
  throw new ForeignHostError(
    `Cannot take the session's cookie as Origin must match Host: current value is ${JSON.stringify(origin ?? "")}`,
  );
}

function bearerOf(authorization: string): string {
  const [, secret] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
  if (secret === undefined) throw new UnauthorizedError('Cannot read Authorization as it must be "Bearer" and a key');
  return secret;
}

export function cookieOf(cookies: string | undefined): string | null {
  for (const pair of cookies?.split(";") ?? []) {
    const [name, value] = pair.trim().split("=", 2);
    if (name === SESSION_COOKIE && value) return value;
  }
  return null;
}
