import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate, openPostgres } from "./mod.ts";
import { startPostgres, type TestServer } from "./test-servers.ts";

const FILES = readdirSync(new URL("../migrations", import.meta.url)).map((file) => file.replace(".sql", ""));

let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

test("migrate() runs each migration once when 4 processes start at once", async () => {
  const program = fileURLToPath(new URL("test-migrator.ts", import.meta.url));
  const run = () => promisify(execFile)(process.execPath, [program, server.url]);
  const outputs = await Promise.all([run(), run(), run(), run()]);
  const done = outputs.map(({ stdout }) => JSON.parse(stdout) as string[]);
  expect(done.filter((names) => names.length > 0)).toEqual([FILES]);
  expect(await migrate(server.url)).toEqual([]);
});

test("migrate() refuses a database of a newer version and names what it does not know", async () => {
  await migrate(server.url);
  const db = openPostgres(server.url, { name: "test" });
  await db.query("insert into migrations (name, run_on) values ('9999_from_the_future', now())");
  await expect(migrate(server.url)).rejects.toMatchObject({
    code: "DATABASE_NEWER",
    message: expect.stringContaining('"9999_from_the_future"'),
  });
  await db.query("delete from migrations where name = '9999_from_the_future'");
  await db.close();
});

test("migrate() says that Postgres is down when nobody listens", async () => {
  await expect(migrate("postgres://nobody@127.0.0.1:1/none")).rejects.toMatchObject({ code: "POSTGRES_DOWN" });
});
