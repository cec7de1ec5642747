import type { Server } from "../calling/called.ts";
import type { KserveConfig } from "../kserve/config.ts";

/** CLIP behind HTTP. */
export interface ClipConfig extends Server {
  kind: "clip";
}

/** One embedder of pictures of a ranked list. */
export type ImageEmbedderConfig = ClipConfig | KserveConfig;

/** What is filled in. */
export const IMAGE_EMBEDDER_DEFAULTS = Object.freeze({ timeout_ms: 5_000, in_flight: 16 });
