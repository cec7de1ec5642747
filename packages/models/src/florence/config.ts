import type { Server } from "../calling/called.ts";

/** Florence-2 behind HTTP. */
export interface FlorenceConfig extends Server {
  kind: "florence";
}

/** What is filled in. */
export const FLORENCE_DEFAULTS = Object.freeze({ timeout_ms: 15_000, in_flight: 8 });
