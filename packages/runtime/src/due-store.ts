/** Work that is due at a time. Written in the transaction of the state it belongs to; removed only after `ack`. */
export interface DueRow {
  readonly service: string;
  readonly kind: string;
  readonly key: string;
  readonly due_at_ms: number;
  readonly payload: unknown;
  /** Headers of the trace that it was written in; empty without one. */
  readonly trace: Readonly<Record<string, string>>;
  /** Raised by every write of the row: whoever holds an older one may not remove it. */
  readonly version: number;
  readonly failures: number;
  /** How often it was claimed before and not heard of again; from `suspect_at` on only beginning alone counts. */
  readonly crashes: number;
  readonly first_refused_at_ms: number | null;
  /** What whoever wrote the row as claimed gives its handler beside the payload; kept nowhere, so it may be missing. */
  readonly handed?: unknown;
}

/** Work that is put back as it was, and the version of the row that was given up. */
export type PutBackDue = Pick<DueRow, "service" | "kind" | "key" | "payload" | "trace" | "version">;

/** What is claimed. */
export interface DueClaim {
  service: string;
  kind: string;
  /** Rows, at most. */
  most: number;
  lease_ms: number;
  /** Rows with so many crashes are claimed without counting one more: `beginAlone` counts for them. */
  suspect_at: number;
}

/** Where due work is kept. Implemented on Postgres by `packages/store`; every method may throw a `later` error that names the dependency. */
export interface DueStore {
  /** Takes rows that are due and not held by anybody (`for update skip locked`), and counts a crash until one is heard of again. */
  claim(claim: DueClaim): Promise<DueRow[]>;
  /** Holds a claimed row longer. False when it is no longer ours. */
  extend(row: DueRow, lease_ms: number): Promise<boolean>;
  /** Counts a crash for a suspect that begins now: whoever waits for its turn is not blamed. False when it is no longer ours. */
  beginAlone(row: DueRow): Promise<boolean>;
  /** Removes the row. False when it was written again meanwhile: then it is let go and stays due. */
  remove(row: DueRow): Promise<boolean>;
  /** Lets the row go and makes it due later. `nothing`: as if it had not been claimed; otherwise its crashes are forgotten. */
  postpone(row: DueRow, due_at_ms: number, counts: "failure" | "later" | "nothing"): Promise<void>;
  /**
   * Makes work that was given up due now, as if it had never failed; a row of its version was not removed yet, and may not
   * be any more. False, and nothing is done, when its key is due anyway.
   */
  putBack(row: PutBackDue): Promise<boolean>;
}
