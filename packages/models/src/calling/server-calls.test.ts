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

test("probe() that its caller gives up tells nothing: a server found before is not found back", async () => {
  const calling = { ...CALLING, tries: 1, breaker_failures: 1 };
  const calls = new ServerCalls({ callee, in_flight: 1, timeout_ms: 60_000, calling });
  const { signal } = new AbortController();
  const down = async () => {
    throw calls.fault(DetectorDownError, "it must answer: it does not");
  };
  const call = () => calls.whole(down, { signal });
  const look = () => calls.probe(async () => true, { signal });
  await expect(call()).rejects.toThrow("it does not");
  await look();
  for (let n = 0; n < 2; n++) await expect(call()).rejects.toThrow("it does not"); // the trials fail: it is reached and does not work
  const caller = new AbortController();
  const aborted = calls.probe(
    ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    { signal: caller.signal },
  );
  caller.abort(new Error("no longer wanted"));
  await expect(aborted).rejects.toThrow("no longer wanted");
  await look();
  await expect(call()).rejects.toMatchObject({ facts: { circuit: "open" } });
});
