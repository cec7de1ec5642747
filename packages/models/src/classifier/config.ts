import type { FlorenceConfig } from "../florence/config.ts";
import type { KserveConfig } from "../kserve/config.ts";

/** A classifier behind KServe v2: it takes encoded pictures and gives a score for each class. */
export interface KserveClassifierConfig extends KserveConfig {
  /** Labels by class number; the numbers themselves unless said. */
  labels?: readonly string[];
}

/** One classifier of a ranked list. */
export type ClassifierConfig = KserveClassifierConfig | FlorenceConfig;
