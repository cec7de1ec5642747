import type { FlorenceConfig } from "../florence/config.ts";

/** One reader of a ranked list. */
export type OcrConfig = FlorenceConfig;
