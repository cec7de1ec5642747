import { expect, test } from "vitest";
import { createTurns } from "./turns.ts";

function setup(most: number) {
  const turns = createTurns(most);
  const began: string[] = [];
  const ends: Record<string, () => void> = {};
  const run = (name: string, signal = new AbortController().signal) =>
    turns.run(() => {
      began.push(name);
      return new Promise<void>((resolve) => {
        ends[name] = resolve;
      });
    }, signal);
  return { began, ends, run };
}

test("run() lets so many run at once, the others in their order", async () => {
  const { began, ends, run } = setup(2);
  const all = ["a", "b", "c", "d"].map((name) => run(name));
  expect(began).toEqual(["a", "b"]);
  ends.b!();
  await all[1];
  expect(began).toEqual(["a", "b", "c"]);
  ends.a!();
  await all[0];
  expect(began).toEqual(["a", "b", "c", "d"]);
  for (const name of ["c", "d"]) ends[name]!();
  await Promise.all(all);
  void run("e");
  void run("f");
  expect(began.slice(4)).toEqual(["e", "f"]);
});

test("run() forgets at once who leaves while waiting", async () => {
  const { began, ends, run } = setup(1);
  const first = run("a");
  const leaving = new AbortController();
  const left = run("b", leaving.signal);
  const last = run("c");
  leaving.abort();
  await left;
  ends.a!();
  await first;
  expect(began).toEqual(["a", "c"]);
  ends.c!();
  await last;
});
