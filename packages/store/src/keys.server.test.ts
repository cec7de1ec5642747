import { expect, test } from "vitest";
import { adoptKey, createKey, findKey, listKeys, revokeKey, touchKey } from "./mod.ts";
import { useDatabases } from "./test-database.ts";

const { setup } = useDatabases();

test("createKey() gives a secret once, and the table does not have it", async () => {
  const { db } = await setup();
  const { key, secret } = await createKey(db, {
    role: "viewer",
    user_id: "ada",
    subjects: ["camera.>"],
    label: "tablet",
  });
  expect(secret).toMatch(/^gh_[A-Za-z0-9_-]{43}$/);
  expect(await findKey(db, secret)).toEqual(key);
  expect(key).toMatchObject({ role: "viewer", user_id: "ada", subjects: ["camera.>"], revoked_at_ms: null });
  const rows = await db.query("select * from keys");
  expect(JSON.stringify(rows)).not.toContain(secret.slice(3));
});

test("findKey() knows neither a revoked key nor another secret", async () => {
  const { db } = await setup();
  const { key, secret } = await createKey(db, { role: "admin", label: "old" });
  expect(await findKey(db, `${secret}x`)).toBeNull();
  expect(await revokeKey(db, key.key_id)).toBe(true);
  expect(await revokeKey(db, key.key_id)).toBe(false);
  expect(await findKey(db, secret)).toBeNull();
  expect(await listKeys(db)).toMatchObject([{ key_id: key.key_id, revoked_at_ms: expect.any(Number) }]);
});

test("adoptKey() takes a secret in once and never revives it", async () => {
  const { db } = await setup();
  const adopted = await Promise.all([1, 2, 3].map(() => adoptKey(db, "gh_home", { role: "admin", label: "home" })));
  expect(new Set(adopted.map(({ key_id }) => key_id)).size).toBe(1);
  await revokeKey(db, adopted[0]!.key_id);
  await adoptKey(db, "gh_home", { role: "admin", label: "home" });
  expect(await findKey(db, "gh_home")).toBeNull();
});

test("touchKey() writes once a minute at most", async () => {
  const { db } = await setup();
  const { key, secret } = await createKey(db, { role: "viewer", label: "tablet" });
  const touched = async (at_ms: number) => {
    await touchKey(db, key.key_id, at_ms);
    return (await findKey(db, secret))!.last_used_at_ms;
  };
  expect(await touched(100_000)).toBe(100_000);
  expect(await touched(159_999)).toBe(100_000);
  expect(await touched(160_000)).toBe(160_000);
});
