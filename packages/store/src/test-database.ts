import { afterAll, beforeAll, onTestFinished } from "vitest";
import { type Database, migrate, openPostgres, type PostgresOptions } from "./mod.ts";
import { startPostgres, type TestServer } from "./test-servers.ts";

/** One Postgres for the tests of a file, and a migrated database of its own for each test. */
export function useDatabases() {
  let server: TestServer;
  let made = 0;
  beforeAll(async () => {
    server = await startPostgres();
    await migrate(server.url);
  });
  afterAll(() => server.stop());

  const open = (options: Partial<PostgresOptions> = {}): Database => {
    const db = openPostgres(urlOf(server, made), { name: "test", ...options });
    onTestFinished(() => db.close());
    return db;
  };
  return {
    server: () => server,
    /** A new database, and one more pool on it with `another`. */
    async setup(options: Partial<PostgresOptions> = {}) {
      const admin = openPostgres(server.url.replace(/postgres$/, "template1"), { name: "test", max: 1 });
      await admin.query(`create database test_${++made} template postgres`);
      await admin.close();
      return {
        db: open(options),
        another: (others: Partial<PostgresOptions> = options) => open(others),
        url: urlOf(server, made),
      };
    },
  };
}

const urlOf = (server: TestServer, made: number) => server.url.replace(/postgres$/, `test_${made}`);
