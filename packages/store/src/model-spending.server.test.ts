import { expect, test } from "vitest";
import { createSpendingStore, forgetOld, listSpending, type SpendingAccount } from "./mod.ts";
import { useDatabases } from "./test-database.ts";

const { setup } = useDatabases();
const DAY_MS = 86_400_000;
const at_ms = 20_000 * DAY_MS + 5;

const account = (id: string, more: Partial<SpendingAccount> = {}): SpendingAccount => ({
  kind: "user",
  id,
  most_tokens: null,
  most_cost_micros: null,
  ...more,
});
const spent = (tokens: number, cost_micros = 0) => ({
  calls: 1,
  local_calls: cost_micros === 0 ? 1 : 0,
  prompt_tokens: tokens - 1,
  completion_tokens: 1,
  local_tokens: cost_micros === 0 ? tokens : 0,
  cost_micros,
});

test("add() counts each account and day by itself, none twice, and takes back", async () => {
  const { db, another } = await setup();
  const stores = [createSpendingStore(db), createSpendingStore(another())];
  const both = [account("ada"), account("chat-handler", { kind: "service" })];
  await Promise.all(
    Array.from({ length: 40 }, (_, n) => stores[n % 2]!.add(n % 4 ? both : both.toReversed(), spent(10), at_ms)),
  );
  await stores[0]!.add([account("ada")], { ...spent(-4), calls: 0, local_calls: 0 }, at_ms);
  await stores[0]!.add([account("ada")], spent(7, 3), at_ms + DAY_MS);
  expect(await listSpending(db, { since_ms: at_ms })).toEqual([
    { kind: "user", id: "ada", day_ms: 20_001 * DAY_MS, ...spent(7, 3) },
    {
      kind: "service",
      id: "chat-handler",
      day_ms: 20_000 * DAY_MS,
      calls: 40,
      local_calls: 40,
      prompt_tokens: 360,
      completion_tokens: 40,
      local_tokens: 400,
      cost_micros: 0,
    },
    {
      kind: "user",
      id: "ada",
      day_ms: 20_000 * DAY_MS,
      calls: 40,
      local_calls: 40,
      prompt_tokens: 355,
      completion_tokens: 41,
      local_tokens: 396,
      cost_micros: 0,
    },
  ]);
});

test("add() adds to none when one would pass its most, however many ask at once", async () => {
  const { db, another } = await setup();
  const stores = [createSpendingStore(db), createSpendingStore(another())];
  const ada = account("ada", { most_tokens: 105 });
  const service = account("chat-handler", { kind: "service" });
  const passed = await Promise.all(
    Array.from({ length: 30 }, (_, n) => stores[n % 2]!.add([service, ada], spent(10), at_ms)),
  );
  expect(passed.filter((one) => one === null)).toHaveLength(10);
  expect(passed.filter((one) => one !== null)).toEqual(Array.from({ length: 20 }, () => ada));
  expect(await listSpending(db, { since_ms: at_ms })).toMatchObject([
    { id: "chat-handler", calls: 10 },
    { id: "ada", calls: 10, prompt_tokens: 90, completion_tokens: 10 },
  ]);
});

test("add() refuses by cost, also the first call of a day", async () => {
  const { db } = await setup();
  const store = createSpendingStore(db);
  const ada = account("ada", { most_cost_micros: 100 });
  expect(await store.add([ada], spent(10, 101), at_ms)).toEqual(ada);
  expect(await store.add([ada], spent(10, 100), at_ms)).toBeNull();
  expect(await store.add([ada], spent(10, 1), at_ms)).toEqual(ada);
  expect(await store.add([ada], spent(10), at_ms)).toBeNull();
  expect(await store.add([ada], spent(10, 1), at_ms + DAY_MS)).toBeNull();
});

test("forgetOld() removes old days of accounts", async () => {
  const { db } = await setup();
  const store = createSpendingStore(db);
  for (const day of [0, 1, 2]) await store.add([account("ada")], spent(1), at_ms + day * DAY_MS);
  expect(await forgetOld(db, { spending_before_ms: at_ms + DAY_MS }, 100)).toMatchObject({ spending: 2 });
  expect(await listSpending(db, { since_ms: 0 })).toHaveLength(1);
});
