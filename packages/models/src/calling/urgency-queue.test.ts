import { expect, test } from "vitest";
import type { Priority } from "./call-options.ts";
import { type Place, UrgencyQueue } from "./urgency-queue.ts";

const NEVER = Number.POSITIVE_INFINITY;

function drain<T>(queue: UrgencyQueue<T>): T[] {
  const values: T[] = [];
  while (queue.size > 0) values.push(queue.shift()!);
  return values;
}

test("shift() gives the smallest priority first, then the nearest deadline, then who came first", () => {
  const queue = new UrgencyQueue<string>();
  queue.push("room", { priority: 3, deadline_ms: 1 });
  queue.push("late", { priority: 1, deadline_ms: NEVER });
  queue.push("soon", { priority: 1, deadline_ms: 500 });
  queue.push("sooner", { priority: 1, deadline_ms: 200 });
  queue.push("later", { priority: 1, deadline_ms: NEVER });
  queue.push("danger", { priority: 0, deadline_ms: NEVER });
  expect(drain(queue)).toEqual(["danger", "sooner", "soon", "late", "later", "room"]);
  expect(queue.shift()).toBeUndefined();
});

test("remove() takes out any one, once, and keeps the order of all others", () => {
  const queue = new UrgencyQueue<number>();
  const places: Place<number>[] = [];
  // 7919 is prime: the deadlines are 0..996, each once, well mixed.
  for (let n = 0; n < 997; n++)
    places.push(queue.push(n, { priority: (n % 4) as Priority, deadline_ms: (n * 7919) % 997 }));
  const removed = places.filter(({ value }) => value % 3 === 0);
  for (const place of removed) expect(queue.remove(place)).toBe(true);
  for (const place of removed) expect(queue.remove(place)).toBe(false);
  const wanted = places
    .filter(({ value }) => value % 3 !== 0)
    .toSorted((a, b) => a.priority - b.priority || a.deadline_ms - b.deadline_ms)
    .map(({ value }) => value);
  expect(drain(queue)).toEqual(wanted);
  expect(queue.remove(places[1]!)).toBe(false);
});
