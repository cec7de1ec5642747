import { expect, test } from "vitest";
import { claimRequest, countDead, listAudit, listOnlyCounted, requestOwner, uncountDead, writeAudit } from "./mod.ts";
import { useDatabases } from "./test-database.ts";

const { setup } = useDatabases();

test("audit takes entries and refuses every change", async () => {
  const { db } = await setup();
  for (const target of ["a", "b", "c"])
    await writeAudit(db, { at_ms: 1, who: "ada", action: "key.revoke", target, details: { target } });
  for (const change of ["update audit set who = 'eve'", "delete from audit", "truncate audit"])
    await expect(db.query(change)).rejects.toThrow('table "audit" as it is append-only');
  const page = await listAudit(db, { limit: 2 });
  expect(page.items.map(({ target }) => target)).toEqual(["c", "b"]);
  expect(page.items[0]).toMatchObject({ who: "ada", details: { target: "c" } });
  expect((await listAudit(db, { limit: 2, cursor: page.next_cursor })).items).toMatchObject([{ target: "a" }]);
});

test("claimRequest() gives a request to the first of many users, for good", async () => {
  const { db, another } = await setup();
  const databases = [db, another()];
  const users = Array.from({ length: 32 }, (_, i) => `u-${i}`);
  const claimed = await Promise.all(users.map((user, i) => claimRequest(databases[i % 2]!, "r-1", user)));
  expect(claimed.filter((won) => won)).toHaveLength(1);
  const owner = users[claimed.indexOf(true)]!;
  expect(await requestOwner(db, "r-1")).toBe(owner);
  expect(await claimRequest(db, "r-1", owner)).toBe(true);
  expect(await requestOwner(db, "r-2")).toBeNull();
});

test("countDead() counts each camera, code and hour by itself, none twice", async () => {
  const { db, another } = await setup();
  const databases = [db, another()];
  const counts = await Promise.all(
    Array.from({ length: 40 }, (_, i) => countDead(databases[i % 2]!, "gate", "NOT_AN_IMAGE", 3_600_000 + i)),
  );
  expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  expect(await countDead(db, "gate", "NOT_AN_IMAGE", 7_200_000)).toBe(1);
  expect(await countDead(db, "gate", "TRUNCATED", 3_600_000)).toBe(1);
  expect(await countDead(db, "yard", "NOT_AN_IMAGE", 3_600_000)).toBe(1);
  await uncountDead(db, "gate", "NOT_AN_IMAGE", 3_600_001);
  expect(await countDead(db, "gate", "NOT_AN_IMAGE", 3_600_002)).toBe(40);
});

test("listOnlyCounted() tells what came beyond 100 in an hour, the newest hour first", async () => {
  const { db } = await setup();
  const hours = [3_600_000, 7_200_000];
  for (const hour_ms of hours)
    await db.query("insert into dead_counts (camera_id, code, hour_ms, count) values ('gate', 'TRUNCATED', $1, 105)", [
      hour_ms,
    ]);
  await db.query(
    "insert into dead_counts values ('gate', 'NOT_AN_IMAGE', 3600000, 101), ('yard', 'TRUNCATED', 0, 100)",
  );
  const rows = hours.map((hour_ms) => ({ camera_id: "gate", code: "TRUNCATED", hour_ms, only_counted: 5 })).reverse();
  const other = { camera_id: "gate", code: "NOT_AN_IMAGE", hour_ms: 3_600_000, only_counted: 1 };
  expect(await listOnlyCounted(db)).toEqual([rows[0], other, rows[1]]);
  expect(await listOnlyCounted(db, { code: "TRUNCATED" })).toEqual(rows);
});
