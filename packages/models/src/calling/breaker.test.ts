import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Breaker, type Trial } from "./breaker.ts";

const failed = new Error("failed");

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

function setup() {
  const breaker = new Breaker({ failures: 2, open_ms: 1_000, counts: (error) => error === failed });
  const admit = () => breaker.admit() as Trial;
  const open = async () => {
    for (let n = 0; n < 2; n++) await admit().settle(failed);
  };
  return { breaker, admit, open };
}

test("admit() says open until the time is over", async () => {
  const { breaker, open } = setup();
  await open();
  expect(breaker.admit()).toBe("open");
  expect(breaker.openForMs()).toBe(1_000);
  vi.setSystemTime(Date.now() + 1_000);
  expect(breaker.openForMs()).toBe(0);
  expect(breaker.admit()).toBeTypeOf("object");
});

test("admit() lets three trials through and closes as soon as two of them went well", async () => {
  const { breaker, admit, open } = setup();
  await open();
  vi.setSystemTime(Date.now() + 1_000);
  const trials = [admit(), admit(), admit()];
  expect(breaker.admit()).toBe("under trial");
  await trials[0]?.settle();
  await trials[1]?.settle(failed);
  expect(breaker.admit()).toBe("under trial");
  trials[2]?.goesWell();
  for (let n = 0; n < 10; n++) expect(breaker.admit()).toBeTypeOf("object");
  await trials[2]?.settle(failed);
  expect(breaker.admit()).toBeTypeOf("object");
});

test("lookedAt() lets trials through at once when the server is there, and waits the time out when they fail", async () => {
  const { breaker, admit, open } = setup();
  await open();
  breaker.lookedAt(false);
  expect(breaker.admit()).toBe("open");
  breaker.lookedAt(true);
  expect(breaker.openForMs()).toBe(0);
  for (const trial of [admit(), admit()]) await trial.settle(failed);
  breaker.lookedAt(true);
  expect(breaker.openForMs()).toBe(1_000);
  breaker.lookedAt(false);
  breaker.lookedAt(true);
  for (const trial of [admit(), admit()]) await trial.settle();
  await open();
  breaker.lookedAt(true);
  expect(breaker.admit()).toBeTypeOf("object");
});

test("admit() opens again when two trials failed", async () => {
  const { breaker, admit, open } = setup();
  await open();
  vi.setSystemTime(Date.now() + 1_000);
  const trials = [admit(), admit()];
  for (const trial of trials) await trial.settle(failed);
  expect(breaker.admit()).toBe("open");
});

test("admit() counts failures in a row only, and only those of the server", async () => {
  const { breaker, admit } = setup();
  for (const outcome of [failed, undefined, failed, new Error("of the caller")]) await admit().settle(outcome);
  expect(breaker.openForMs()).toBe(0);
  await admit().settle(failed);
  expect(breaker.admit()).toBe("open");
});
