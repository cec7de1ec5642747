import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Breaker, type Trial } from "./breaker.ts";

const failed = new Error("failed");
const refused = new Error("refused");
const givenUp = new Error("given up by the caller");

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "Date"] }));
afterEach(() => void vi.useRealTimers());

const answers = (error: unknown) => error === refused;

function setup() {
  const breaker = new Breaker({ failures: 2, open_ms: 1_000, counts: (error) => error === failed, answers });
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
  vi.advanceTimersByTime(1_000);
  expect(breaker.openForMs()).toBe(0);
  expect(breaker.admit()).toBeTypeOf("object");
});

test("admit() waits by the monotonic clock, whatever the wall clock is set to", async () => {
  const { breaker, open } = setup();
  await open();
  vi.setSystemTime(Date.now() + 3_600_000);
  expect(breaker.admit()).toBe("open");
  expect(breaker.openForMs()).toBe(1_000);
  vi.setSystemTime(Date.now() - 7_200_000);
  vi.advanceTimersByTime(1_000);
  expect(breaker.openForMs()).toBe(0);
  expect(breaker.admit()).toBeTypeOf("object");
});

test("admit() lets three trials through and closes as soon as two of them went well", async () => {
  const { breaker, admit, open } = setup();
  await open();
  vi.advanceTimersByTime(1_000);
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
  vi.advanceTimersByTime(1_000);
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

test("admit() lets another trial through for one that its caller gave up, which closes nothing", async () => {
  const { breaker, admit, open } = setup();
  await open();
  vi.advanceTimersByTime(1_000);
  const abandoned = [admit(), admit(), admit()];
  expect(breaker.admit()).toBe("under trial");
  for (const trial of abandoned) await trial.settle(givenUp);
  const trials = [admit(), admit(), admit()];
  expect(breaker.admit()).toBe("under trial");
  for (const trial of trials.slice(1)) await trial.settle(failed);
  expect(breaker.admit()).toBe("open");
});

test("admit() takes no note of a trial that ends when its time is over", async () => {
  const { breaker, admit, open } = setup();
  await open();
  vi.advanceTimersByTime(1_000);
  const [late, ...others] = [admit(), admit(), admit()];
  for (const trial of others) await trial!.settle(failed);
  vi.advanceTimersByTime(1_000);
  for (let n = 0; n < 3; n++) admit();
  await late!.settle(givenUp);
  expect(breaker.admit()).toBe("under trial");
});

test("admit() takes a refusal for a server that is well", async () => {
  const { breaker, admit, open } = setup();
  await open();
  vi.advanceTimersByTime(1_000);
  for (const trial of [admit(), admit()]) await trial.settle(refused);
  for (let n = 0; n < 10; n++) expect(breaker.admit()).toBeTypeOf("object");
});
