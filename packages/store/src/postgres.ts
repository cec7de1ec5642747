import { hash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { PostgresDownError, StoreBusyError } from "./errors.ts";
import { isLostRace, toStoreError } from "./postgres-errors.ts";
import type { Database, Queryable, Running } from "./queryable.ts";

export interface PostgresOptions {
  /** Who asks, as `pg_stat_activity` shows it. */
  name: string;
  /** Connections, at most. */
  max?: number;
  /** A statement that takes longer is cancelled by the server; one second later the connection is cut from this side. */
  statement_timeout_ms?: number;
  /** How long to wait for a connection: a new one, or a free one of the pool. */
  connect_timeout_ms?: number;
}

/** A statement with a time limit of its own, which the driver knows and its types do not: https://node-postgres.com/apis/client */
interface TimedQuery {
  text: string;
  values: unknown[];
  query_timeout: number | undefined;
  /** Of a prepared one. */
  name?: string;
}

const INT8 = 20;
const RETRIES = 3;
const CLOSE_TIMEOUT_MS = 3_000;

const types = {
  getTypeParser: ((oid: number, format?: "text") =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** Opens a pool on a Postgres database. Connects with the first query, and again whenever a connection was lost. */
export function openPostgres(
  url: string,
  { name, max = 8, statement_timeout_ms = 10_000, connect_timeout_ms = 3_000 }: PostgresOptions,
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name,
    max,
    types,
    statement_timeout: statement_timeout_ms,
    idle_in_transaction_session_timeout: statement_timeout_ms,
    query_timeout: statement_timeout_ms + 1_000,
    connectionTimeoutMillis: connect_timeout_ms,
    keepAlive: true,
  });
  const clients = watchClients(pool);
  const lend = <T>(work: (client: pg.PoolClient) => Promise<T>) => doAgain(() => lendClient(pool, name, work));
  let closed: Promise<void> | null = null;
  return {
    query: (sql, values, running) => lend((client) => ask(client, name, sql, values, running)),
    transaction: (work) => lend((client) => runTransaction(client, name, work)),
    probe: (signal) =>
      untilAborted(signal, name, () => lend((client) => ask(client, name, "select 1")).then(() => undefined)),
    close: () => {
      closed ??= closePool(pool, clients);
      return closed;
    },
  };
}

/** Every connection of the pool, each with a listener: an `error` that nobody listens to would end the process. */
function watchClients(pool: pg.Pool): Set<pg.PoolClient> {
  const clients = new Set<pg.PoolClient>();
  pool.on("error", () => undefined);
  pool.on("connect", (client) => {
    client.on("error", () => undefined);
    clients.add(client);
  });
  pool.on("remove", (client) => clients.delete(client));
  return clients;
}

/** Lends a connection to some work; one that failed is cut instead of given back. */
async function lendClient<T>(pool: pg.Pool, name: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((thrown) => {
    throw toStoreError(thrown, name);
  });
  let broken = false;
  try {
    return await work(client);
  } catch (thrown) {
    broken = thrown instanceof PostgresDownError;
    throw thrown;
  } finally {
    client.release(broken);
  }
}

async function send<R extends object>(
  client: pg.PoolClient,
  name: string,
  sql: string,
  values?: readonly unknown[],
  { timeout_ms, prepared }: Running = {},
): Promise<pg.QueryResult<R>> {
  try {
    const query: TimedQuery = { text: sql, values: values as unknown[], query_timeout: timeout_ms };
    if (prepared) query.name = statementName(sql);
    return await client.query<R>(query);
  } catch (thrown) {
    throw toStoreError(thrown, name);
  }
}

async function ask<R extends object>(
  client: pg.PoolClient,
  name: string,
  sql: string,
  values?: readonly unknown[],
  running?: Running,
): Promise<R[]> {
  return (await send<R>(client, name, sql, values, running)).rows;
}

/** Of the same text the same, so that a connection knows it again. */
const statementName = (sql: string): string => hash("sha1", sql, "base64url");

async function runTransaction<T>(client: pg.PoolClient, name: string, work: (tx: Queryable) => Promise<T>): Promise<T> {
  await send(client, name, "begin");
  try {
    const result = await work({ query: (sql, values, running) => ask(client, name, sql, values, running) });
    const { command } = await send(client, name, "commit");
    if (command !== "COMMIT") throw new Error("Cannot commit as a statement of the transaction had failed");
    return result;
  } catch (thrown) {
    if (!(thrown instanceof PostgresDownError)) await send(client, name, "rollback");
    throw thrown;
  }
}

async function doAgain<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (thrown) {
      if (!isLostRace(thrown)) throw thrown;
      if (tries === RETRIES)
        throw new StoreBusyError(`Cannot finish a transaction that lost against others ${tries + 1} times`, {
          cause: thrown,
        });
      await sleep(Math.random() * 10 * 2 ** tries);
    }
  }
}

function untilAborted(signal: AbortSignal, name: string, work: () => Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => reject(new PostgresDownError(`Cannot probe Postgres as "${name}": it did not answer in time`));
  if (signal.aborted) onAbort();
  else {
    signal.addEventListener("abort", onAbort, { once: true });
    work().then(resolve, reject);
  }
  return promise.finally(() => signal.removeEventListener("abort", onAbort));
}

async function closePool(pool: pg.Pool, clients: Set<pg.PoolClient>): Promise<void> {
  const done = new AbortController();
  const ended = pool.end().finally(() => done.abort());
  const late = sleep(CLOSE_TIMEOUT_MS, undefined, { signal: done.signal }).catch(() => undefined);
  await Promise.race([ended, late]);
  for (const client of clients) cutOff(client);
}

/** Ends a connection without waiting: one with a statement in flight is destroyed, another no longer holds the process. */
function cutOff(client: pg.PoolClient & { end?(done: () => void): void; unref?(): void }): void {
  client.end?.(() => undefined);
  client.unref?.();
}
