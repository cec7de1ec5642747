import { expect, test } from "vitest";
import { PostgresDownError, StoreBusyError } from "./errors.ts";
import { openPostgres } from "./mod.ts";
import { useDatabases } from "./test-database.ts";

const { setup } = useDatabases();

test("query() gives int8 as numbers", async () => {
  const { db } = await setup();
  expect(await db.query("select 1763700000000::int8 as at_ms, count(*) as rows from cameras")).toEqual([
    { at_ms: 1_763_700_000_000, rows: 0 },
  ]);
});

test("query() passes SQL errors as they are and keeps the connection", async () => {
  const { db } = await setup({ max: 1 });
  const [before] = await db.query<{ pid: number }>("select pg_backend_pid() as pid");
  await expect(db.query("select nonsense")).rejects.toMatchObject({ code: "42703" });
  await expect(db.query("select $1::int", [1, 2])).rejects.not.toBeInstanceOf(PostgresDownError);
  expect(await db.query("select pg_backend_pid() as pid")).toEqual([before]);
});

test("query() has a prepared statement parsed once per connection, and again on the next one", async () => {
  const { db, another } = await setup({ max: 1 });
  const sql = "select $1::int as n, pg_backend_pid() as pid";
  const ask = async (n: number) => (await db.query<{ n: number; pid: number }>(sql, [n], { prepared: true }))[0]!;
  const asked = [await ask(1), await ask(2)];
  expect(asked.map(({ n }) => n)).toEqual([1, 2]);
  const kept = "select statement, generic_plans + custom_plans as runs from pg_prepared_statements";
  expect(await db.query(kept)).toEqual([{ statement: sql, runs: 2 }]);
  await another().query("select pg_terminate_backend($1, 5000)", [asked[0]!.pid]);
  await ask(3).catch(() => undefined);
  const again = await ask(4);
  expect(again.n).toBe(4);
  expect(again.pid).not.toBe(asked[0]!.pid);
});

test("query() is cancelled by the server at its time limit", async () => {
  const { db } = await setup({ statement_timeout_ms: 100 });
  await expect(db.query("select pg_sleep(30)")).rejects.toMatchObject({ code: "POSTGRES_DOWN", retry: "later" });
  expect(await db.query("select 1 as one")).toEqual([{ one: 1 }]);
});

test("query() outlives connections that the server ended while they were idle", async () => {
  const { db, another } = await setup({ max: 2 });
  const [victim] = await db.query<{ pid: number }>("select pg_backend_pid() as pid");
  await another().query("select pg_terminate_backend($1, 5000)", [victim!.pid]);
  const outcomes = await Promise.allSettled([db.query("select 1"), db.query("select 1")]);
  for (const outcome of outcomes)
    if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(PostgresDownError);
  expect(await db.query("select 1 as one")).toEqual([{ one: 1 }]);
});

test("transaction() rolls back when the work throws, and throws the same error", async () => {
  const { db } = await setup();
  const bug = new Error("bug in the work");
  const work = db.transaction(async (tx) => {
    await tx.query("insert into leases values ('a', 'h', 1, 0)");
    throw bug;
  });
  await expect(work).rejects.toBe(bug);
  expect(await db.query("select * from leases")).toEqual([]);
});

test("transaction() does not claim to have committed after a swallowed error", async () => {
  const { db } = await setup();
  const work = db.transaction(async (tx) => {
    await tx.query("insert into leases values ('a', 'h', 1, 0)");
    await tx.query("select nonsense").catch(() => undefined);
  });
  await expect(work).rejects.toThrow("Cannot commit");
  expect(await db.query("select * from leases")).toEqual([]);
});

test("transaction() does work again that lost against another one, up to 3 times", async () => {
  const { db } = await setup();
  let tries = 0;
  const lose = (times: number) =>
    db.transaction(async (tx) => {
      if (++tries <= times) await tx.query("do $$ begin raise sqlstate '40001'; end $$");
      return tries;
    });
  expect(await lose(3)).toBe(4);
  tries = 0;
  await expect(lose(4)).rejects.toBeInstanceOf(StoreBusyError);
  expect(tries).toBe(4);
});

test("transaction() of both sides of a deadlock succeeds", async () => {
  const { db } = await setup();
  await db.query("insert into leases values ('a', 'h', 0, 0), ('b', 'h', 0, 0)");
  const raise = "update leases set epoch = epoch + 1 where name = $1";
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const cross = (from: string, to: string, mine: () => void, other: Promise<void>) =>
    db.transaction(async (tx) => {
      await tx.query(raise, [from]);
      mine();
      await other;
      await tx.query(raise, [to]);
    });
  await Promise.all([cross("a", "b", first.resolve, second.promise), cross("b", "a", second.resolve, first.promise)]);
  expect(await db.query("select epoch from leases order by name")).toEqual([{ epoch: 2 }, { epoch: 2 }]);
});

test("query() says that Postgres is down when nobody listens", async () => {
  const db = openPostgres("postgres://nobody@127.0.0.1:1/none", { name: "test" });
  await expect(db.query("select 1")).rejects.toMatchObject({ code: "POSTGRES_DOWN", dependency: "postgres" });
  await db.close();
});

test("close() may be called again, and queries after it are refused", async () => {
  const { db } = await setup();
  await db.query("select 1");
  await Promise.all([db.close(), db.close()]);
  await db.close();
  await expect(db.query("select 1")).rejects.toBeInstanceOf(PostgresDownError);
});
