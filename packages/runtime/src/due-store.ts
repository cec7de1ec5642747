/** Work that is due at a time. Written in the transaction of the state it belongs to; removed only after `ack`. */
export interface DueRow {
  readonly service: string;
  readonly kind: string;
  readonly key: string;
  readonly due_at_ms: number;
  readonly payload: unknown;
  /** Raised by every write of the row: whoever holds an older one may not remove it. */
  readonly version: number;
  readonly failures: number;
  readonly first_refused_at_ms: number | null;
}

/** Where due work is kept. Implemented on Postgres by `packages/store`; every method may throw a `later` error that names the dependency. */
export interface DueStore {
  /** Takes rows that are due and not held by anybody (`for update skip locked`), for `lease_ms`. */
  claim(service: string, kinds: readonly string[], most: number, lease_ms: number): Promise<DueRow[]>;
  /** Holds a claimed row longer. False when it is no longer ours. */
  extend(row: DueRow, lease_ms: number): Promise<boolean>;
  /** Removes the row unless it was written again meanwhile (then it is let go and stays due). */
  remove(row: DueRow): Promise<void>;
  /** Lets the row go and makes it due later. `failed` counts a failure. */
  postpone(row: DueRow, due_at_ms: number, failed: boolean): Promise<void>;
}
