import type { NatsBus } from "../bus/nats-bus.ts";
import type { DueRow } from "../due-store.ts";
import type { Log } from "../log.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Attempts } from "./attempts.ts";
import type { DeadLetter } from "./dead-letter.ts";
import type { HandlerRuns } from "./handler-runs.ts";
import type { Meters } from "./meters.ts";
import type { Pause } from "./pause.ts";
import type { Solitude } from "./solitude.ts";

/** What the work of one running service shares. */
export interface WorkShop {
  readonly service: string;
  readonly bus: NatsBus;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly meters: Meters;
  readonly deps: object;
  readonly attempts: Attempts;
  readonly pause: Pause;
  readonly solitude: Solitude;
  readonly runs: HandlerRuns;
  /** The service takes in nothing more; what is in hand may finish. */
  readonly stopping: AbortSignal;
  /** Keeps a dead letter, or only counts it. @throws when it could not be: then nothing was counted */
  giveUp(letter: DeadLetter): Promise<void>;
  /** Has one kind of due work looked for at once. */
  wakeDue(kind: string): void;
  /** Begins due work whose row is claimed. */
  beginDue(row: DueRow, asked_ms: number): void;
  /** Told after each step of a flow; tests kill the process there. */
  readonly onStage?: (stage: string) => void | Promise<void>;
}
