import { expect, test } from "vitest";
import { elapsed } from "./elapsed.ts";

test("elapsed() resolves at once for a signal that was aborted before", async () => {
  await elapsed(600_000, AbortSignal.abort());
});

test("elapsed() resolves when the signal aborts", async () => {
  const stopping = new AbortController();
  const waiting = elapsed(600_000, stopping.signal);
  stopping.abort();
  await waiting;
});

test("elapsed() resolves after its time", async () => {
  const began_ms = performance.now();
  await elapsed(20, new AbortController().signal);
  expect(performance.now() - began_ms).toBeGreaterThanOrEqual(19);
});
