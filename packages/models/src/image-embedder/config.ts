import type { Server } from "../calling/called.ts";

/** CLIP behind HTTP. */
export interface ClipConfig extends Server {
  kind: "clip";
}

/** One embedder of pictures of a ranked list. */
export type ImageEmbedderConfig = ClipConfig;

/** What is filled in. */
export const IMAGE_EMBEDDER_DEFAULTS = Object.freeze({ timeout_ms: 5_000, in_flight: 16 });
