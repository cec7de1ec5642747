import type { FlorenceConfig } from "../florence/config.ts";

/** One captioner of a ranked list. */
export type CaptionerConfig = FlorenceConfig;
