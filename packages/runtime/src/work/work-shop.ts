import type { NatsBus } from "../bus/nats-bus.ts";
import type { Log } from "../log.ts";
import type { DeadCount } from "../service.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Attempts } from "./attempts.ts";
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
  /** Counts one more dead letter of a subject and code within the hour. */
  countDead(subject: string, code: string): Promise<DeadCount>;
  readonly max_dead_per_hour: number;
  /** Told after each step of a flow; tests kill the process there. */
  readonly onStage?: (stage: string) => void | Promise<void>;
}
