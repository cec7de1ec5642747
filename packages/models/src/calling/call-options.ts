/** How urgent a call is: 0 somebody waits for it in danger, 1 somebody waits, 2 work of every day, 3 when there is room. */
export type Priority = 0 | 1 | 2 | 3;

/** What a caller says of one call, besides what it asks. */
export interface CallOptions {
  /** Aborted, the call ends: it leaves the queue, or its socket is closed. Its reason is thrown. */
  signal: AbortSignal;
  /** 2 unless said. The more urgent go first; of those alike, whose deadline is nearest. */
  priority?: Priority;
  /** When the whole answer must be there, milliseconds since the epoch. After it the call fails with `MODEL_TIMEOUT`. */
  deadline_ms?: number;
  /** False: refused at once with `MODEL_BUSY` when no slot is free. A ranked list says so, to ask the next entry first. */
  may_wait?: boolean;
}

/** The priority of a call that names none. */
export const USUAL_PRIORITY: Priority = 2;
