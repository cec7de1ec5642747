import { expect, test } from "vitest";
import { renewUntilLost } from "./renew-until-lost.ts";

const LEASE_MS = 60;
const never = new AbortController().signal;
const hold = (renew: () => Promise<boolean>, signal = never) =>
  renewUntilLost({ lease_ms: LEASE_MS, asked_ms: performance.now(), renew }, signal);

test("renewUntilLost() is true when the lease is another's", async () => {
  expect(await hold(async () => false)).toBe(true);
});

test.each([
  ["does not answer", () => new Promise<boolean>(() => {})],
  ["refuses", () => Promise.reject(new Error("away"))],
])("renewUntilLost() is true when the store %s for as long as the lease lasts", async (_how, renew) => {
  const asked_ms = performance.now();
  expect(await hold(renew)).toBe(true);
  expect(performance.now() - asked_ms).toBeGreaterThanOrEqual(LEASE_MS);
});

test("renewUntilLost() is true at once when the lease ran out before it was got", async () => {
  const asked_ms = performance.now() - LEASE_MS;
  const renew = () => Promise.reject(new Error("must not be asked"));
  expect(await renewUntilLost({ lease_ms: LEASE_MS, asked_ms, renew }, never)).toBe(true);
});

test("renewUntilLost() goes on for as long as it is renewed, also after a refusal, and is false when aborted", async () => {
  const end = new AbortController();
  let asked = 0;
  const renew = async () => {
    asked++;
    if (asked === 2) throw new Error("away");
    if (asked === 8) end.abort();
    return true;
  };
  const asked_ms = performance.now();
  expect(await renewUntilLost({ lease_ms: 300, asked_ms, renew }, end.signal)).toBe(false);
  expect(asked).toBe(8);
});

test("renewUntilLost() asks again when one renewal hangs", async () => {
  const end = new AbortController();
  let asked = 0;
  const renew = async () => {
    asked++;
    if (asked === 1) return new Promise<boolean>(() => {});
    end.abort();
    return true;
  };
  const asked_ms = performance.now();
  expect(await renewUntilLost({ lease_ms: 600, asked_ms, renew }, end.signal)).toBe(false);
  expect(asked).toBe(2);
});
