import { type Database, openPostgres } from "@gatehouse/store";
import type { Context } from "./context.ts";
import { assertRunning } from "./running.ts";

/** The database of `DATABASE_URL`, else the one of the Gatehouse that runs in the home. @throws {NotRunningError} */
export function databaseUrl({ env }: Pick<Context, "env">, home: string, action: string): string {
  return env.DATABASE_URL || assertRunning(home, action).database_url;
}

/** Does some work on the database and closes it. */
export async function withDatabase<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = openPostgres(url, { name: "gatehouse", max: 1 });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}
