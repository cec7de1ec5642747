import type { Server } from "../calling/called.ts";

/** A detector behind `POST /detect`. */
export interface HttpDetectConfig extends Server {
  kind: "http-detect";
}

/** One detector of a ranked list. */
export type DetectorConfig = HttpDetectConfig;

/** What is filled in. */
export const DETECTOR_DEFAULTS = Object.freeze({ timeout_ms: 2_000, in_flight: 64 });
