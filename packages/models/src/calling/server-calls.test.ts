import { expect, test, vi } from "vitest";
import { DetectorAuthError, DetectorDownError, ModelBusyError } from "../errors.ts";
import { CALLING } from "./calling.ts";
import { ServerCalls } from "./server-calls.ts";

const callee = {
  action: "detect objects",
  server: "gpu:8000",
  model: null,
  Down: DetectorDownError,
  Auth: DetectorAuthError,
};

test("open() does not try again once its caller gave up between two tries", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const calls = new ServerCalls({ callee, in_flight: 1, timeout_ms: 60_000, calling: CALLING });
    const caller = new AbortController();
    let tries = 0;
    const attempt = async () => {
      tries++;
      throw calls.fault(ModelBusyError, "the status must be 200: current value is 429", { facts: { status: 429 } });
    };
    const opened = calls.open(attempt, { signal: caller.signal, discard: () => {} });
    await vi.waitUntil(() => vi.getTimerCount() === 1); // the wait for the next try
    caller.abort(new Error("no longer wanted"));
    await expect(opened).rejects.toThrow("no longer wanted");
    await vi.runAllTimersAsync();
    expect(tries).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});
