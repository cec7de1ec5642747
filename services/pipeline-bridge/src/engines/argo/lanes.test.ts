import { expect, test } from "vitest";
import { Lanes } from "./lanes.ts";

const { signal } = new AbortController();
const KEYS = Array.from({ length: 40 }, (_, i) => `gh-${i}`);

test("add() works on each key in order and on several keys at once", async () => {
  const lanes = new Lanes({ lanes: 4, most_waiting: 1_000, signal });
  const gate = Promise.withResolvers<void>();
  const order: string[] = [];
  let [running, most] = [0, 0];
  for (const round of [1, 2])
    for (const key of KEYS)
      await lanes.add(key, async () => {
        running += 1;
        most = Math.max(most, running);
        await gate.promise;
        running -= 1;
        order.push(`${key}.${round}`);
      });
  gate.resolve();
  await lanes.idle();
  expect(most).toBe(4);
  expect(KEYS.every((key) => order.indexOf(`${key}.1`) < order.indexOf(`${key}.2`))).toBe(true);
});

test("add() has whoever adds too much wait until there is room", async () => {
  const lanes = new Lanes({ lanes: 1, most_waiting: 2, signal });
  const gate = Promise.withResolvers<void>();
  const work = () => gate.promise;
  await lanes.add("a", work);
  await lanes.add("a", work);
  let has_room = false;
  const third = lanes.add("a", work).then(() => {
    has_room = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(has_room).toBe(false);
  gate.resolve();
  await third;
});

test("a work that throws ends the lanes with its error, and those that wait are dropped", async () => {
  const lanes = new Lanes({ lanes: 1, most_waiting: 10, signal });
  const gate = Promise.withResolvers<void>();
  let was_run = false;
  await lanes.add("a", () => gate.promise);
  await lanes.add("a", async () => {
    was_run = true;
  });
  gate.reject(new Error("no database"));
  await expect(lanes.idle()).rejects.toThrow("no database");
  await expect(lanes.add("b", async () => {})).rejects.toThrow("no database");
  expect([lanes.failed.reason.message, was_run]).toEqual(["no database", false]);
});
