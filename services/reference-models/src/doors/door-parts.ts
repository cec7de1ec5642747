import type { FailureSwitches } from "../failures.ts";

/** What the service hands to each door. */
export interface DoorParts {
  failures: FailureSwitches;
  /** Draws 0..1, the same sequence in every run. */
  random: () => number;
}
