import { expect, test } from "vitest";
import { countDue, createDueStore, ensureDue, putDue } from "./mod.ts";
import { useDatabases } from "./test-database.ts";

const { setup } = useDatabases();

const KEY = { service: "reader", kind: "embed", key: "passages" };
const CLAIM = { service: "reader", kind: "embed", most: 1, lease_ms: 10_000, suspect_at: 2 };

test("ensureDue() makes work due, and leaves what waits already as it is", async () => {
  const { db } = await setup();
  await ensureDue(db, { ...KEY, due_at_ms: 10 });
  await putDue(db, { ...KEY, due_at_ms: 99, payload: "kept" });
  await ensureDue(db, { ...KEY, due_at_ms: 20 });
  expect(await db.query("select due_at_ms, payload from due")).toEqual([{ due_at_ms: 99, payload: "kept" }]);
});

test("ensureDue() lets work that somebody is at come again", async () => {
  const { db } = await setup();
  const store = createDueStore(db);
  await ensureDue(db, { ...KEY, due_at_ms: 10 });
  const [held] = await store.claim(CLAIM);
  await ensureDue(db, { ...KEY, due_at_ms: 20 });
  await store.remove(held!);
  const [again] = await store.claim(CLAIM);
  expect(again).toMatchObject({ key: "passages", due_at_ms: 20 });
  await store.remove(again!);
  expect(await countDue(db, "reader")).toBe(0);
});
