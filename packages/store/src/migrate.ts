import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { DatabaseNewerError } from "./errors.ts";
import { toStoreError } from "./postgres-errors.ts";

export interface MigrateOptions {
  /** Told what is done, line by line. */
  log?: (line: string) => void;
}

const FOLDER = fileURLToPath(new URL("../migrations", import.meta.url));
const TABLE = "migrations";
/** Any number, the same in every process: "gatehouse" as a lock. */
const LOCK = 6_721_845_190_233;
/** How long to wait for another process that migrates. */
const LOCK_TIMEOUT_MS = 60_000;
const STATEMENT_TIMEOUT_MS = 600_000;
const CONNECT_TIMEOUT_MS = 3_000;

/**
 * Brings a database up to date: runs `migrations/NNNN_name.sql` that have not run, all in one transaction, and gives
 * their names. Several processes may do this at once: one does it, the others wait and find nothing to do.
 * @throws {DatabaseNewerError} when the database has migrations that this version does not know
 * @throws {PostgresDownError}
 */
export async function migrate(url: string, { log = () => undefined }: MigrateOptions = {}): Promise<string[]> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "gatehouse migrate",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select pg_advisory_lock($1)", [LOCK]);
    await refuseNewer(client);
    return await runFiles(client, log);
  } catch (thrown) {
    throw toStoreError(thrown, "migrate");
  } finally {
    await client.end();
  }
}

async function refuseNewer(client: pg.Client): Promise<void> {
  const { rows: made } = await client.query(`select to_regclass('public.${TABLE}') as name`);
  if (made[0].name === null) return;
  const { rows } = await client.query<{ name: string }>(`select name from ${TABLE} order by name`);
  const known = new Set((await readdir(FOLDER)).map((file) => file.replace(/\.sql$/, "")));
  const unknown = rows.map(({ name }) => name).filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new DatabaseNewerError(
      `Cannot use the database as its migrations must be known to this version, up to "${[...known].sort().at(-1)}": unknown are "${unknown.join('", "')}"`,
    );
}

/** The runner is loaded only here: importing it acts. */
async function runFiles(client: pg.Client, log: (line: string) => void): Promise<string[]> {
  const { runner } = await import("node-pg-migrate");
  const run = await runner({
    dbClient: client,
    dir: FOLDER,
    ignorePattern: "(?!.*\\.sql$).*",
    migrationsTable: TABLE,
    direction: "up",
    noLock: true,
    log,
  });
  return run.map(({ name }) => name);
}
