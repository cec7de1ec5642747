/** Is told what a batcher does; metrics stand behind it. */
export interface BatchObserver {
  left(batch: LeftBatch): void;
}

/** A batch on its way to the server. */
export interface LeftBatch {
  /** How long each of its items waited. */
  waited_ms: readonly number[];
  /** Items that had to stay behind. */
  still_waiting: number;
}
