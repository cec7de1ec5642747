import { expect, test } from "vitest";
import { RateLimitedError } from "./errors.ts";
import { assertAllowed, createRateLimit } from "./rate-limits.ts";

test("take() allows the capacity at once, then as many as come back", () => {
  let now_ms = 0;
  const limit = createRateLimit(2, 3, () => now_ms);
  const taken = [1, 2, 3, 4].map(() => limit.take("ada").allowed);
  expect(taken).toEqual([true, true, true, false]);
  expect(limit.take("ada")).toMatchObject({ limit: 3, remaining: 0, retry_after_ms: 500, reset_ms: 1_500 });
  expect(limit.take("bob").allowed).toBe(true);
  now_ms = 500;
  expect(limit.take("ada").allowed).toBe(true);
  expect(limit.take("ada").allowed).toBe(false);
});

test("look() takes nothing", () => {
  const limit = createRateLimit(1, 1, () => 0);
  expect([limit.look("ada").allowed, limit.look("ada").allowed, limit.take("ada").allowed]).toEqual([true, true, true]);
  expect(limit.look("ada").allowed).toBe(false);
});

test("a clock that goes back gives nothing", () => {
  let now_ms = 10_000;
  const limit = createRateLimit(1, 1, () => now_ms);
  limit.take("ada");
  now_ms = 0;
  expect(limit.take("ada").allowed).toBe(false);
});

test("assertAllowed() says when to come again", () => {
  const refused = createRateLimit(1, 1, () => 0);
  refused.take("ada");
  expect(() => assertAllowed(refused.take("ada"), "requests")).toThrow(RateLimitedError);
});
