import type { MediaStore } from "@gatehouse/media";
import type { Retriever } from "@gatehouse/retrieval";
import type { Bus, Catalogue, Config, Log, ServiceReadiness, Telemetry } from "@gatehouse/runtime";
import type { Cache, Database, DetectionStore } from "@gatehouse/store";
import type { AiModels } from "./ai/ai-models.ts";
import type { Keyring } from "./auth/keyring.ts";
import type { Sessions } from "./auth/sessions.ts";
import type { KnownCameras } from "./cameras/known-cameras.ts";
import type { config } from "./config.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { Uploads } from "./receiving/uploads.ts";
import type { Live } from "./streams/live.ts";
import type { Tails } from "./streams/tails.ts";

/** What the doors lean on. */
export interface Deps {
  readonly bus: Bus;
  readonly db: Database;
  readonly cache: Cache;
  readonly cameras: KnownCameras;
  readonly detections: DetectionStore;
  /** The frames that were looked at already, for who waits at the door. */
  readonly takenFrames: Pick<DetectionStore, "find">;
  readonly media: MediaStore;
  readonly keyring: Keyring;
  readonly sessions: Sessions;
  readonly rates: RateLimits;
  /** Large bodies that are being received, but for pictures of cameras. */
  readonly uploads: Uploads;
  readonly ai: AiModels;
  readonly retriever: Retriever;
  /** The pipelines that can be run. */
  readonly catalogue: Catalogue;
  readonly tails: Tails;
  readonly live: Live;
  readonly config: Config<typeof config>;
  readonly home: string;
  /** How the services of this process are. */
  readonly readiness: () => ServiceReadiness[];
  readonly log: Log;
  readonly telemetry: Telemetry;
}
