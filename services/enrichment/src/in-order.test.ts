import { defineError } from "@gatehouse/errors";
import { expect, test } from "vitest";
import { InOrder } from "./in-order.ts";

const DownError = defineError("POSTGRES_DOWN", "later", { dependency: "postgres" });

/** Work that ends when it is told to. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const state = { begun: false, resolve, reject };
  return Object.assign(state, {
    run: () => {
      state.begun = true;
      return promise;
    },
  });
}

test("run() begins the second of a key when the first has ended, and another key at once", async () => {
  const order = new InOrder();
  const [first, second, other] = [work(), work(), work()];
  const results = [order.run("a", first.run), order.run("a", second.run), order.run("b", other.run)];
  expect([first.begun, second.begun, other.begun]).toEqual([true, false, true]);
  first.resolve("first");
  expect(await results[0]).toBe("first");
  await Promise.resolve();
  expect(second.begun).toBe(true);
  second.resolve("second");
  other.resolve("other");
  expect(await Promise.all(results)).toEqual(["first", "second", "other"]);
  expect(order.size).toBe(0);
});

test("run() goes on after work that failed", async () => {
  const order = new InOrder();
  const [bad, good] = [work(), work()];
  const results = [order.run("a", bad.run), order.run("a", good.run)];
  bad.reject(new TypeError("a bug"));
  good.resolve("good");
  await expect(results[0]).rejects.toThrow("a bug");
  expect(await results[1]).toBe("good");
});

test("run() lets all who wait fail at once when a server is down, and begins anew afterwards", async () => {
  const order = new InOrder();
  const [bad, ...behind] = [work(), work(), work()];
  const results = [bad, ...behind].map(({ run }) => order.run("a", run));
  bad.reject(new DownError("Cannot reach Postgres"));
  for (const result of results) await expect(result).rejects.toThrow(DownError);
  expect(behind.map(({ begun }) => begun)).toEqual([false, false]);
  expect(order.size).toBe(0);
  expect(await order.run("a", async () => "again")).toBe("again");
});
