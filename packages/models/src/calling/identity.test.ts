import type { ModelRef } from "@gatehouse/events";
import { expect, test } from "vitest";
import { Identity } from "./identity.ts";

/** An identity whose questions are answered by hand, in their order. */
function setup(again_ms: number) {
  const asked: PromiseWithResolvers<Partial<ModelRef>>[] = [];
  const ask = () => {
    const question = Promise.withResolvers<Partial<ModelRef>>();
    asked.push(question);
    return question.promise;
  };
  return { asked, identity: new Identity(ask, again_ms) };
}

test("get() asks once, for all that want to know", async () => {
  const { asked, identity } = setup(0);
  const both = [identity.get(), identity.get()];
  asked[0]!.resolve({ name: "bge" });
  expect(await Promise.all([...both, identity.get()])).toEqual(Array(3).fill({ name: "bge" }));
  expect(asked).toHaveLength(1);
});

test("get() asks a server again that was too slow once, and nobody waits for that", async () => {
  const { asked, identity } = setup(0);
  const first = identity.get();
  asked[0]!.reject(new Error("too slow"));
  expect(await first).toEqual({});
  expect(await identity.get()).toEqual({});
  asked[1]!.resolve({ name: "bge" });
  await asked[1]!.promise;
  expect(await identity.get()).toEqual({ name: "bge" });
  expect(asked).toHaveLength(2);
});

test("get() does not ask a server that cannot say with every call", async () => {
  const { asked, identity } = setup(60_000);
  const first = identity.get();
  asked[0]!.reject(new Error("404"));
  expect([await first, await identity.get()]).toEqual([{}, {}]);
  expect(asked).toHaveLength(1);
});

test("forget() has get() ask anew, and what was said before comes too late", async () => {
  const { asked, identity } = setup(0);
  const first = identity.get();
  identity.forget();
  const second = identity.get();
  asked[1]!.resolve({ name: "new" });
  asked[0]!.resolve({ name: "old" });
  expect([await first, await second, await identity.get()]).toEqual([
    { name: "old" },
    { name: "new" },
    { name: "new" },
  ]);
});
