import { afterEach, expect, test, vi } from "vitest";
import { Solitude } from "./solitude.ts";

const never = new AbortController().signal;
const HOLDS_UP_MS = 30_000;
afterEach(() => {
  vi.useRealTimers();
});

/** Work that begins when it is let in and ends when the test says. */
function setup() {
  const solitude = new Solitude();
  const begun: string[] = [];
  const begin = (name: string, { alone = false, signal = never } = {}) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const done = solitude.run(alone, signal, () => {
      begun.push(name);
      return promise;
    });
    return { end: () => resolve(name), done };
  };
  return { begun, begin };
}

test("run() lets work go side by side", async () => {
  const { begun, begin } = setup();
  const [a, b] = [begin("a"), begin("b")];
  expect(begun).toEqual(["a", "b"]);
  for (const { end, done } of [a, b]) {
    end();
    await done;
  }
});

test("run() alone waits for the others and keeps the later ones out", async () => {
  const { begun, begin } = setup();
  const a = begin("a");
  const alone = begin("alone", { alone: true });
  const late = begin("late");
  expect(begun).toEqual(["a"]);
  a.end();
  await a.done;
  await Promise.resolve();
  expect(begun).toEqual(["a", "alone"]);
  alone.end();
  expect(await alone.done).toBe("alone");
  late.end();
  await late.done;
  expect(begun).toEqual(["a", "alone", "late"]);
});

test("run() lets go on when the work alone throws", async () => {
  const solitude = new Solitude();
  const thrown = solitude.run(true, never, () => Promise.reject(new TypeError("a bug")));
  const next = solitude.run(false, never, async () => "next");
  await expect(thrown).rejects.toThrow("a bug");
  expect(await next).toBe("next");
});

test("run() gives null when the signal aborts before its turn, and holds nobody up", async () => {
  const { begun, begin } = setup();
  const a = begin("a");
  const stop = new AbortController();
  const alone = begin("alone", { alone: true, signal: stop.signal });
  const late = begin("late");
  stop.abort();
  expect(await alone.done).toBeNull();
  late.end();
  expect(await late.done).toBe("late");
  expect(begun).toEqual(["a", "late"]);
  const tooLate = begin("too late", { alone: true, signal: stop.signal });
  expect(await tooLate.done).toBeNull();
  a.end();
  await a.done;
});

test("run() alone goes on beside the others once it held them up for 30 s, and another one alone waits for it", async () => {
  vi.useFakeTimers();
  const { begun, begin } = setup();
  const first = begin("first", { alone: true });
  const late = begin("late");
  const second = begin("second", { alone: true });
  await vi.advanceTimersByTimeAsync(HOLDS_UP_MS - 1);
  expect(begun).toEqual(["first"]);
  await vi.advanceTimersByTimeAsync(1);
  expect(begun).toEqual(["first", "late"]);
  late.end();
  await late.done;
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(["first", "late"]);
  first.end();
  expect(await first.done).toBe("first");
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(["first", "late", "second"]);
  second.end();
  await second.done;
});

test("run() alone lets those behind it go first once it waited for 30 s, so that what it waits for may wait for them", async () => {
  vi.useFakeTimers();
  const { begun, begin } = setup();
  const asking = begin("asking");
  const alone = begin("alone", { alone: true });
  const asked = begin("asked");
  await vi.advanceTimersByTimeAsync(HOLDS_UP_MS - 1);
  expect(begun).toEqual(["asking"]);
  await vi.advanceTimersByTimeAsync(1);
  const later = begin("later");
  expect(begun).toEqual(["asking", "asked"]);
  for (const { end, done } of [asked, asking]) {
    end();
    await done;
  }
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(["asking", "asked", "alone"]);
  alone.end();
  await alone.done;
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(["asking", "asked", "alone", "later"]);
  later.end();
  await later.done;
  expect(vi.getTimerCount()).toBe(0);
});
