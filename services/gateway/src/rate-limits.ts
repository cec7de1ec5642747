import type { Limits } from "./config.ts";
import { RateLimitedError } from "./errors.ts";

/** What is left of a limit, as `X-RateLimit-*` shows it. */
export interface Allowance {
  allowed: boolean;
  limit: number;
  remaining: number;
  /** Until there is one more; 0 while there is. */
  retry_after_ms: number;
  /** Until all is there again. */
  reset_ms: number;
}

/** A limit with one bucket for each key, address or camera. */
export interface RateLimit {
  take(who: string): Allowance;
  /** Takes nothing: whether one is left. */
  look(who: string): Allowance;
}

export interface RateLimits {
  readonly requests: RateLimit;
  readonly media: RateLimit;
  readonly documents: RateLimit;
  readonly search: RateLimit;
  readonly ai: RateLimit;
  readonly frames: RateLimit;
  readonly addresses: RateLimit;
  readonly wrongKeys: RateLimit;
}

const MAX_BUCKETS = 20_000;

/** A token bucket each: `per_s` come back every second, `capacity` at most. The longest unused one is forgotten at 20,000. */
export function createRateLimit(per_s: number, capacity: number, now_ms: () => number = Date.now): RateLimit {
  const buckets = new Map<string, { tokens: number; at_ms: number }>();
  const see = (who: string, taken: 0 | 1): Allowance => {
    const at_ms = now_ms();
    const before = buckets.get(who) ?? { tokens: capacity, at_ms };
    const full = Math.min(capacity, before.tokens + (Math.max(0, at_ms - before.at_ms) / 1_000) * per_s);
    const allowed = full >= 1;
    const tokens = allowed ? full - taken : full;
    buckets.delete(who);
    buckets.set(who, { tokens, at_ms });
    if (buckets.size > MAX_BUCKETS) buckets.delete(buckets.keys().next().value!);
    return {
      allowed,
      limit: capacity,
      remaining: Math.floor(tokens),
      retry_after_ms: tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / per_s) * 1_000),
      reset_ms: Math.ceil(((capacity - tokens) / per_s) * 1_000),
    };
  };
  return { take: (who) => see(who, 1), look: (who) => see(who, 0) };
}

export function createRateLimits(limits: Limits): RateLimits {
  return {
    requests: createRateLimit(limits.requests_per_min / 60, limits.requests_per_min + limits.requests_burst),
    media: createRateLimit(limits.media_per_min / 60, limits.media_per_min),
    documents: createRateLimit(limits.documents_per_min / 60, limits.documents_per_min),
    search: createRateLimit(limits.search_per_min / 60, limits.search_per_min),
    ai: createRateLimit(limits.ai_per_min / 60, limits.ai_per_min + limits.ai_burst),
    frames: createRateLimit(limits.frames_per_s, 2 * limits.frames_per_s),
    addresses: createRateLimit(limits.address_per_min / 60, limits.address_per_min),
    wrongKeys: createRateLimit(limits.wrong_keys_per_min / 60, limits.wrong_keys_per_min),
  };
}

/** @throws {RateLimitedError} */
export function assertAllowed(allowance: Allowance, what: string): void {
  const { allowed, limit, remaining, reset_ms, retry_after_ms } = allowance;
  if (allowed) return;
  throw new RateLimitedError(`Cannot take more ${what} now as at most ${limit} may come at once`, {
    retry_after_ms,
    facts: { limit, remaining, reset_s: Math.ceil(reset_ms / 1_000) },
  });
}
