import type { FailureSwitches } from "../failures.ts";

/** Takes a fixed sentence with fields. */
export interface ServiceLog {
  info(fields: object, sentence: string): void;
}

/** What the service hands to each door. */
export interface DoorParts {
  failures: FailureSwitches;
  /** Draws 0..1, the same sequence in every run. */
  random: () => number;
  /** Told of what no answer can tell: an answer that ended early as its client went away. */
  log?: ServiceLog;
}
