import type { ModelRef } from "@gatehouse/events";
import type { FoundObject, Picture } from "../detector.ts";

/** What a session is made from: the first message to its process. */
export interface OpenSession {
  /** Absolute path of the `.onnx` file. */
  file: string;
  labels: readonly string[];
  min_confidence: number;
  max_overlap: number;
}

/** One picture to look at. */
export interface Look {
  id: number;
  picture: Picture;
}

/** What a model found in a picture. */
export interface Looked {
  detections: FoundObject[];
  /** Of the model alone: without decoding, and without the wait for another picture's turn. */
  infer_ms: number;
}

/** What a session's process says: first how opening went, then one answer for each look, in any order. */
export type FromSession =
  | { kind: "opened"; model: ModelRef }
  | { kind: "not opened"; reason: string }
  | ({ kind: "found"; id: number } & Looked)
  | { kind: "failed"; id: number; code: string; reason: string };
