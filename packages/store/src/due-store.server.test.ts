import { expect, test } from "vitest";
import {
  type ClaimedDue,
  countDue,
  createDueStore,
  dropDue,
  moveDue,
  nextDueAt,
  PostgresDownError,
  putDue,
  type Queryable,
} from "./mod.ts";
import { useDatabases } from "./test-database.ts";

const { setup } = useDatabases();
const LONG_MS = 600_000;
const DUE = { service: "s", kind: "close" };
const CLAIM = { service: "s", kind: "close", most: 100, lease_ms: LONG_MS, suspect_at: 2 };

async function setupDue(keys: string[], due_at_ms = 1_000) {
  const { db, another } = await setup();
  const put = (key: string, payload: unknown = { key }, at_ms = due_at_ms) =>
    putDue(db, { service: "s", kind: "close", key, due_at_ms: at_ms, payload });
  const versionOf = async (key: string): Promise<number> =>
    (await db.query<{ version: number }>("select version from due where key = $1", [key]))[0]!.version;
  for (const key of keys) await put(key);
  return { db, another, put, versionOf, store: createDueStore(db) };
}
type DueSetup = Awaited<ReturnType<typeof setupDue>>;

const claimAll = (store: DueSetup["store"], lease_ms = LONG_MS) => store.claim({ ...CLAIM, lease_ms });

test("claim() gives each row to one of 16 connections", async () => {
  const { store, another } = await setupDue(Array.from({ length: 200 }, (_, i) => `k-${i}`));
  const stores = [store, createDueStore(another())];
  const claims = await Promise.all(Array.from({ length: 64 }, (_, i) => stores[i % 2]!.claim({ ...CLAIM, most: 7 })));
  const keys = claims.flat().map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  const rest = await store.claim({ ...CLAIM, most: 1_000 });
  expect(keys.length + rest.length).toBe(200);
});

test("claim() does not wait for a row that a transaction is writing", async () => {
  const { db, store, versionOf } = await setupDue(["busy", "free"]);
  const version = await versionOf("busy");
  await db.transaction(async (tx) => {
    await putDue(tx, { service: "s", kind: "close", key: "busy", due_at_ms: 1, payload: {} });
    expect((await claimAll(store)).map(({ key }) => key)).toEqual(["free"]);
  });
  expect(await claimAll(store)).toMatchObject([{ key: "busy", version: version + 1 }]);
});

test("claim() takes only what is due, of the kind asked for, earliest first", async () => {
  const { db, store, put } = await setupDue([]);
  await put("later", {}, Date.now() + LONG_MS);
  await put("second", {}, 2_000);
  await putDue(db, { ...DUE, key: "first", due_at_ms: 1_000, payload: { n: [1, 2] }, trace: { traceparent: "t" } });
  await putDue(db, { service: "s", kind: "other", key: "x", due_at_ms: 1, payload: null });
  await putDue(db, { service: "t", kind: "close", key: "x", due_at_ms: 1, payload: null });
  const rows = await claimAll(store);
  expect(rows.map(({ key }) => key)).toEqual(["first", "second"]);
  expect(rows[0]).toMatchObject({
    payload: { n: [1, 2] },
    trace: { traceparent: "t" },
    version: expect.any(Number),
    failures: 0,
    crashes: 0,
    first_refused_at_ms: null,
  });
  expect(rows[1]).toMatchObject({ payload: {}, trace: {} });
  expect(await countDue(db, "s")).toBe(4);
});

test("claim() gives a row to another one when its lease has ended, and the first holder can do nothing to it", async () => {
  const { db, store } = await setupDue(["k"]);
  const [old] = await claimAll(store, 0);
  const [held] = await claimAll(store);
  expect(held!.key).toBe("k");
  expect(await store.extend(old!, LONG_MS)).toBe(false);
  await store.postpone(old!, 0, "failure");
  await store.remove(old!);
  expect(await claimAll(store)).toEqual([]);
  expect(await store.extend(held!, LONG_MS)).toBe(true);
  await store.remove(held!);
  expect(await countDue(db, "s")).toBe(0);
});

test("remove() lets a row go that was written again meanwhile, and it stays due", async () => {
  const { store, put } = await setupDue(["k"]);
  const [held] = await claimAll(store);
  await put("k", { again: true }, 5_000);
  expect(await claimAll(store)).toEqual([]);
  await store.remove(held!);
  expect(await claimAll(store)).toMatchObject([
    { key: "k", version: held!.version + 1, payload: { again: true }, due_at_ms: 5_000 },
  ]);
});

test("remove() never removes a row that is written again at the same moment", async () => {
  const { db, store, put } = await setupDue([]);
  for (let round = 0; round < 50; round++) {
    await put("k");
    const [held] = await claimAll(store);
    await Promise.all([store.remove(held!), put("k", { round })]);
    expect(await claimAll(store)).toMatchObject([{ payload: { round } }]);
    await dropDue(db, { service: "s", kind: "close", key: "k" });
  }
});

test("postpone() counts failures and remembers the first refusal until the row is written again", async () => {
  const { store, put } = await setupDue(["k"]);
  const again = async (counts: Parameters<typeof store.postpone>[2]): Promise<ClaimedDue> => {
    const [held] = await claimAll(store);
    await store.postpone(held!, 2_000, counts);
    const [next] = await claimAll(store, 0);
    return next!;
  };
  expect(await again("nothing")).toMatchObject({ failures: 0, due_at_ms: 2_000, first_refused_at_ms: null });
  const first = await again("later");
  expect(first).toMatchObject({ failures: 0, due_at_ms: 2_000, first_refused_at_ms: expect.any(Number) });
  expect(await again("failure")).toMatchObject({ failures: 1, first_refused_at_ms: first.first_refused_at_ms });
  await put("k");
  expect(await claimAll(store)).toMatchObject([{ failures: 0, first_refused_at_ms: null }]);
});

test("claim() counts a crash until the row is heard of; a suspect's only when it begins alone", async () => {
  const { store, put } = await setupDue(["k"]);
  const claimed = async (): Promise<ClaimedDue> => (await claimAll(store, 0))[0]!;
  const crashes: number[] = [];
  for (let claims = 0; claims < 5; claims++) crashes.push((await claimed()).crashes);
  expect(crashes).toEqual([0, 1, 2, 2, 2]);
  expect(await store.beginAlone(await claimed())).toBe(true);
  await put("k");
  const suspect = await claimed();
  expect(suspect.crashes).toBe(3);
  await store.beginAlone(suspect);
  await store.postpone(suspect, 0, "nothing");
  expect(await store.beginAlone(suspect)).toBe(false);
  const held = await claimed();
  expect(held.crashes).toBe(3);
  await store.postpone(held, 0, "later");
  expect((await claimed()).crashes).toBe(0);
});

test("remove() forgets the crashes of a row that was written again meanwhile", async () => {
  const { store, put } = await setupDue(["k"]);
  await claimAll(store, 0);
  const [held] = await claimAll(store);
  await put("k");
  await store.remove(held!);
  expect(await claimAll(store)).toMatchObject([{ crashes: 0, version: held!.version + 1 }]);
});

test("postpone() leaves the time of a row that was written again", async () => {
  const { store, put } = await setupDue(["k"]);
  const [held] = await claimAll(store);
  await put("k", {}, 3_000);
  await store.postpone(held!, Date.now() + LONG_MS, "failure");
  expect(await claimAll(store)).toMatchObject([{ due_at_ms: 3_000, failures: 0, first_refused_at_ms: null }]);
});

test("nextDueAt() says when the next row can be claimed: its time, or the end of its lease", async () => {
  const { db, store, put } = await setupDue([]);
  expect(await nextDueAt(db, "s")).toBeNull();
  await put("k", {}, 1_000);
  expect(await nextDueAt(db, "s")).toBe(1_000);
  await claimAll(store);
  expect(await nextDueAt(db, "s")).toBeGreaterThan(Date.now());
});

test("putDue() is undone with its transaction", async () => {
  const { db } = await setupDue([]);
  const work = db.transaction(async (tx) => {
    await putDue(tx, { service: "s", kind: "close", key: "k", due_at_ms: 1, payload: [] });
    throw new Error("no");
  });
  await expect(work).rejects.toThrow("no");
  expect(await countDue(db, "s")).toBe(0);
});

test("moveDue() keeps the payload and the trace that are there, and whoever holds the older row may not remove it", async () => {
  const { db, store, put } = await setupDue([]);
  const move = (key: string, due_at_ms: number) =>
    moveDue(db, { ...DUE, key, due_at_ms, payload: { from: "move" }, trace: { traceparent: "move" } });
  await put("k", { from: "put" });
  const [held] = await claimAll(store);
  await move("k", 2_000);
  await store.remove(held!);
  await move("new", 3_000);
  expect(await claimAll(store)).toMatchObject([
    { key: "k", payload: { from: "put" }, trace: {}, due_at_ms: 2_000, version: held!.version + 1 },
    { key: "new", payload: { from: "move" }, trace: { traceparent: "move" } },
  ]);
});

test("putDue() gives a row no version that an earlier one of its key had", async () => {
  const { store, put, versionOf } = await setupDue(["k"]);
  await put("k");
  const [gone] = await claimAll(store);
  await store.remove(gone!);
  await put("k");
  expect(await versionOf("k")).toBeGreaterThan(gone!.version);
});

test("putBack() makes work due as if it had never failed, and nothing where its key is due anyway", async () => {
  const { store, put } = await setupDue([]);
  const trace = { traceparent: "t" };
  const was = { ...DUE, key: "k", payload: [1, { a: 0.5 }], trace };
  const given_up = { ...was, version: 7 };
  expect(await store.putBack(given_up)).toBe(true);
  const [held] = await claimAll(store);
  expect(held).toMatchObject({ ...was, failures: 0, crashes: 0, first_refused_at_ms: null });
  expect(await store.putBack({ ...given_up, payload: "other" })).toBe(false);
  await store.remove(held!);
  await put("k", "newer", Date.now() + LONG_MS);
  expect(await store.putBack(given_up)).toBe(false);
  expect(await claimAll(store)).toEqual([]);
});

test("extend() gives up a statement that is stuck before others do, so that it can be tried again within the lease", async () => {
  const { db, store } = await setupDue(["k"]);
  const [held] = await claimAll(store);
  await db.transaction(async (tx) => {
    await tx.query("select 1 from due for update");
    const patient = db.query("update due set failures = 0").then(() => "patient", String);
    const extended = store.extend(held!, LONG_MS).catch((thrown: unknown) => thrown);
    expect(await Promise.race([patient, extended])).toBeInstanceOf(PostgresDownError);
  });
  expect(await store.extend(held!, LONG_MS)).toBe(true);
});

test("claim() that was given up as it was stuck holds nothing when the server goes on with it", async () => {
  const { db, store } = await setupDue(["k"]);
  const whileLocked = (work: (tx: Queryable) => Promise<void>) =>
    db.transaction(async (tx) => {
      await tx.query("lock table due in access exclusive mode");
      await work(tx);
    });
  await whileLocked(() => expect(claimAll(store)).rejects.toThrow(PostgresDownError));
  await whileLocked(async (afterIt) => {
    expect(await afterIt.query("select lease_token, crashes from due")).toEqual([{ lease_token: null, crashes: 0 }]);
  });
});

test("putBack() of a row that is given up and not removed yet keeps it from being removed, and does it once", async () => {
  const { store } = await setupDue(["k"]);
  const [failed] = await claimAll(store);
  await store.postpone(failed!, 1_000, "failure");
  const [held] = await claimAll(store);
  expect(await store.putBack(held!)).toBe(true);
  expect(await store.putBack(held!)).toBe(false);
  await store.remove(held!);
  expect(await claimAll(store)).toMatchObject([{ key: "k", version: held!.version + 1, failures: 0, crashes: 0 }]);
});
