import { expect, test } from "vitest";
import { DetectorDownError, ModelAnswerError, ModelTimeoutError } from "../errors.ts";
import { CALLING } from "./calling.ts";
import { retryAfterMs, retryPolicy } from "./retrying.ts";

const calling = { ...CALLING, first_delay_ms: 4, most_delay_ms: 20 };

/** The waits between the tries of a call that always fails that way. */
async function delaysOf(failure: Error): Promise<number[]> {
  const policy = retryPolicy(calling);
  const delays_ms: number[] = [];
  policy.onRetry(({ delay }) => delays_ms.push(delay));
  await expect(policy.execute(() => Promise.reject(failure))).rejects.toBe(failure);
  return delays_ms;
}

test("retryPolicy() doubles the wait, half of it by chance", async () => {
  const delays_ms = await delaysOf(new DetectorDownError("no", { facts: { socket: "ECONNREFUSED" } }));
  expect(delays_ms).toHaveLength(2);
  for (const [index, most] of [4, 8].entries()) {
    expect(delays_ms[index]).toBeGreaterThanOrEqual(most / 2);
    expect(delays_ms[index]).toBeLessThanOrEqual(most);
  }
});

test("retryPolicy() waits as long as the server asks", async () => {
  const failure = new DetectorDownError("no", { facts: { status: 503 }, retry_after_ms: 20 });
  expect(await delaysOf(failure)).toEqual([20, 20]);
});

test.each([
  ["asks for a longer wait", new DetectorDownError("no", { facts: { status: 503 }, retry_after_ms: 21 })],
  ["has an open circuit", new DetectorDownError("no", { facts: { circuit: "open" } })],
  ["is no model server", new DetectorDownError("no", { facts: { status: 404 } })],
  ["was too slow", new ModelTimeoutError("no")],
  ["cut off its answer", new ModelAnswerError("no", { facts: { socket: "UND_ERR_SOCKET" } })],
  ["is not to blame", new TypeError("a bug")],
])("retryPolicy() does not ask again when the server %s", async (_, failure) => {
  expect(await delaysOf(failure)).toEqual([]);
});

test("retryAfterMs() reads seconds and dates", () => {
  expect(retryAfterMs("2")).toBe(2_000);
  expect(retryAfterMs("Fri, 21 Nov 2025 00:00:00 GMT")).toBe(0);
  expect(retryAfterMs(new Date(Date.now() + 3_600_000).toUTCString())).toBeGreaterThan(3_000_000);
  expect(retryAfterMs("soon")).toBeNull();
  expect(retryAfterMs(undefined)).toBeNull();
});
