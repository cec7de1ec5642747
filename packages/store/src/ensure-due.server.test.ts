import { expect, test } from "vitest";
import { countDue, createDueStore, ensureDue, putDue, putDueIn } from "./mod.ts";
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

test("putDueIn() makes work due by the clock by which it is claimed", async () => {
  const { db } = await setup();
  const [{ now_ms }] = (await db.query<{ now_ms: number }>("select now_ms()")) as [{ now_ms: number }];
  await putDueIn(db, { ...KEY, payload: "a" }, 60_000);
  const [row] = await db.query<{ due_at_ms: number; payload: string }>("select due_at_ms, payload from due");
  expect(row).toMatchObject({ payload: "a" });
  expect(row!.due_at_ms).toBeGreaterThanOrEqual(now_ms + 60_000);
  await putDueIn(db, KEY, 0);
  expect(await createDueStore(db).claim(CLAIM)).toMatchObject([{ key: "passages", payload: null }]);
});
