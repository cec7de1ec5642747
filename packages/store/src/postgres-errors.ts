import pg from "pg";
import { PostgresDownError } from "./errors.ts";

/** SQLSTATE of a transaction that lost against another: worth doing again at once. */
const LOST = new Set(["40001", "40P01"]);

/**
 * SQLSTATEs that tell of the server's state, not of the statement: connection failures (class 08 without protocol
 * violations, which are bugs), out of resources (53), shutting down or starting (57P0x), cancelled by a time limit
 * (57014, 25P03, 55P03). https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const DOWN = /^(08(?!P01)...|53...|57P0.|57014|25P03|55P03)$/;

/** Whether doing the same transaction again may succeed at once. */
export function isLostRace(thrown: unknown): boolean {
  return thrown instanceof pg.DatabaseError && LOST.has(thrown.code ?? "");
}

/** Turns what the driver throws because Postgres is away into `PostgresDownError`; anything else is given back as it is. */
export function toStoreError(thrown: unknown, name: string): unknown {
  if (!(thrown instanceof Error) || thrown instanceof PostgresDownError || !tellsOfServer(thrown)) return thrown;
  return new PostgresDownError(`Cannot ask Postgres as "${name}": ${reasonOf(thrown)}`, { cause: thrown });
}

/** The driver's own errors (sockets, time limits, closed connections) carry no SQLSTATE, and none is a TypeError or the like. */
function tellsOfServer(thrown: Error): boolean {
  if (thrown instanceof pg.DatabaseError) return DOWN.test(thrown.code ?? "");
  return thrown.name === "Error" || thrown.name === "AggregateError";
}

function reasonOf(thrown: Error): string {
  return thrown.message || String((thrown as NodeJS.ErrnoException).code ?? thrown.name);
}
