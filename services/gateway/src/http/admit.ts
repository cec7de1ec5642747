import type { Role } from "@gatehouse/store";
import type { FastifyContextConfig, FastifyReply, FastifyRequest } from "fastify";
import { assertOurHost, authenticate } from "../auth/authenticate.ts";
import type { Identity } from "../auth/keyring.ts";
import type { Deps } from "../deps.ts";
import { BadRequestError, ForbiddenError, UnauthorizedError } from "../errors.ts";
import { type Allowance, assertAllowed } from "../rate-limits.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Who may come in: a role and those above it; `anyone` without a key; `holder`: any key, the route looks further. */
    access?: Role | "anyone" | "holder";
    /** Which limit counts: `frames` are counted by the route itself, for each camera. */
    limit?: "requests" | "media" | "documents" | "search" | "ai" | "frames";
  }
  interface FastifyRequest {
    /** Null on routes that are open to anyone. */
    identity: Identity | null;
  }
}

const OPEN: FastifyContextConfig = { access: "anyone" };
const RANK: Record<Role, number> = { viewer: 1, operator: 2, admin: 3 };

/** Lets a request in before its body is read: right host, known key, enough rights, not too often. */
export async function admit(request: FastifyRequest, reply: FastifyReply, deps: Deps): Promise<void> {
  const { access = "admin", limit = "requests" } = request.is404 ? OPEN : request.routeOptions.config;
  assertOurHost(request.raw, deps);
  if (request.url.includes("%00"))
    throw new BadRequestError("Cannot read the request as its address must be without NUL (%00)");
  if (limit !== "frames") assertAllowed(deps.rates.addresses.take(request.ip), "requests of this address");
  if (access === "anyone") return;
  const identity = await authenticate(request.raw, request.ip, deps);
  if (!identity) throw new UnauthorizedError("Cannot answer without a key: send Authorization: Bearer and the key");
  request.identity = identity;
  if (limit !== "frames") {
    const allowance = deps.rates[limit].take(identity.key_id);
    showAllowance(reply, allowance);
    assertAllowed(allowance, "requests of this key");
  }
  if (access !== "holder" && RANK[identity.role] < RANK[access])
    throw new ForbiddenError(`Cannot do this as the key's role must be ${access}: current role is ${identity.role}`);
}

function showAllowance(reply: FastifyReply, { limit, remaining, reset_ms }: Allowance): void {
  reply.header("x-ratelimit-limit", limit);
  reply.header("x-ratelimit-remaining", remaining);
  reply.header("x-ratelimit-reset", Math.ceil(reset_ms / 1_000));
}

/** Under which name a person's doings are kept. */
export function nameOf({ user_id, label, key_id }: Identity): string {
  return user_id ?? (label || key_id);
}
