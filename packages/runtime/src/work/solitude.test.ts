import { expect, test } from "vitest";
import { Solitude } from "./solitude.ts";

const never = new AbortController().signal;

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
