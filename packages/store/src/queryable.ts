/** How long one statement may take. */
export interface Patience {
  /** After this time its connection is cut from this side; the server may still finish it. By default the pool's own limits hold. */
  timeout_ms?: number;
}

/** How one statement is run. */
export interface Running extends Patience {
  /** Each connection has it parsed and planned once: for statements that run often and whose text never varies. */
  prepared?: boolean;
}

/** For what runs several times for each message or answer. */
export const PREPARED: Running = Object.freeze({ prepared: true });

/** What a table's functions need: a database, or a transaction on it. */
export interface Queryable {
  /**
   * Runs one statement. `int8` columns come as numbers. Pass JSON as text: an array would become a Postgres array.
   * @throws {PostgresDownError | StoreBusyError}; other SQL errors pass as they are: they are bugs
   */
  query<R extends object>(sql: string, values?: readonly unknown[], running?: Running): Promise<R[]>;
}

/** A Postgres database, reached through a pool of connections. */
export interface Database extends Queryable {
  /**
   * Runs work in a transaction, rolled back when it throws. Work that lost against another transaction
   * (serialization failure, deadlock) is done again, up to 3 times: it must have no other effects.
   * @throws {PostgresDownError | StoreBusyError} and whatever the work throws
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Resolves when Postgres answers. @throws {PostgresDownError} also when the signal aborts */
  probe(signal: AbortSignal): Promise<void>;
  /** Waits for queries in flight, at most `close_timeout_ms`, then cuts them off. May be called again. */
  close(): Promise<void>;
}
