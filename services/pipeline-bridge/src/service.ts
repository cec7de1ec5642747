import { cameraEventCreated, cameraEventUpdated, pipelineCancel, pipelineTrigger } from "@gatehouse/events";
import { type Bus, type Catalogue, defineService, input } from "@gatehouse/runtime";
import type { Database } from "@gatehouse/store";
import { cancel, cancelEarly, EARLY } from "./cancel.ts";
import { config } from "./config.ts";
import { endCancelled, endTimedOut } from "./ending/end-run.ts";
import { forget } from "./ending/forget.ts";
import { goOn } from "./ending/go-on.ts";
import type { Engines } from "./engines/engines.ts";
import { INGEST, ingest } from "./engines/local/ingest.ts";
import { fireJoins } from "./firing/fire-joins.ts";
import { fireSchedule } from "./firing/fire-schedule.ts";
import type { Join } from "./firing/joins.ts";
import { SCHEDULE, type Schedule } from "./firing/schedules.ts";
import { refuseTrigger, takeIn } from "./intake.ts";
import type { Pace } from "./pace.ts";
import { reconcile } from "./reconciling/reconcile.ts";
import { SERVICE } from "./service-name.ts";
import { start } from "./start.ts";
import type { Nudges } from "./submitting/nudges.ts";
import { submitRuns } from "./submitting/submit-runs.ts";
import { tellStatus } from "./telling/tell-status.ts";
import { lookAgain } from "./watching/look-again.ts";
import { watchRuns } from "./watching/watch-runs.ts";

export * from "./parts.ts";

/** What the flow leans on. */
export interface Deps {
  readonly db: Database;
  readonly bus: Bus;
  readonly catalogue: Catalogue;
  readonly engines: Engines;
  readonly nudges: Nudges;
  /** How long a request that was cut off may still be under way. */
  readonly settle_ms: number;
  readonly pace: Pace;
  /** Runs are kept for so many days. */
  readonly pipelines_d: number;
  readonly joins: readonly Join[];
  readonly schedules: readonly Schedule[];
  /** Where the house takes files from. */
  readonly documents_folder: string;
  /** From when on a document counts as taken in: `indexing` where nothing makes vectors. */
  readonly documents_ready_when: readonly ("ready" | "indexing")[];
  /** The service stops: what takes long ends in order. */
  readonly stopping: AbortSignal;
}

/** Nothing in it kills: whoever died with it is followed, however often. */
const FOLLOWED = { alone_after_crashes: Number.POSITIVE_INFINITY };
/** Nobody waits for it, or not for a moment: looking for it seldom costs less. */
const SELDOM = { look_every_ms: 1_000 };
/** Goes on for as long as there is anything to do. */
const LONG = { max_handling_ms: 3 * 3_600_000, ...SELDOM, ...FOLLOWED };
/** Each holds a file of up to 32 MiB. */
const READING = { in_flight: 2, look_every_ms: 500 };

export const service = defineService({
  name: SERVICE,
  config,
  inputs: [
    input("pipeline-bridge", pipelineTrigger, takeIn, refuseTrigger),
    input("pipeline-bridge-cancel", pipelineCancel, cancel),
    input("pipeline-bridge-events", cameraEventCreated, fireJoins),
    input("pipeline-bridge-events", cameraEventUpdated, fireJoins),
  ],
  due: {
    submit: { handle: submitRuns, ...LONG },
    watch: { handle: watchRuns, in_flight: 256, ...LONG },
    tell: { handle: tellStatus, in_flight: 32 },
    cancel: { handle: endCancelled, in_flight: 16, ...SELDOM },
    [EARLY]: { handle: cancelEarly, ...SELDOM },
    timeout: { handle: endTimedOut, ...SELDOM },
    retry: { handle: goOn, ...SELDOM },
    vanished: { handle: lookAgain, ...SELDOM },
    reconcile: { handle: reconcile, ...SELDOM, ...FOLLOWED },
    forget: { handle: forget, ...SELDOM },
    [SCHEDULE]: { handle: fireSchedule, ...SELDOM },
    [INGEST]: { handle: ingest, ...READING },
  },
  start,
});
