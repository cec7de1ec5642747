import type { KserveConfig } from "../kserve/config.ts";

/** A YOLO pose model behind KServe v2: it takes encoded pictures and letterboxes them itself. */
export interface KservePoseConfig extends KserveConfig {
  /** Bodies below this confidence (0..1) are left out before overlaps are dropped. */
  min_confidence?: number;
  /** Of two bodies whose boxes overlap more than this (IoU, 0..1) one is dropped. */
  max_overlap?: number;
  /** Side of the square picture in which the model's boxes and joints are. */
  size_px?: number;
}

/** One model of a ranked list. */
export type PoseConfig = KservePoseConfig;
