import type { Called, Server } from "../calling/called.ts";
import { COCO_LABELS } from "./coco-labels.ts";

/** A detector behind `POST /detect`. */
export interface HttpDetectConfig extends Server {
  kind: "http-detect";
}

/** How the output of a YOLO model is read. */
export interface YoloOptions {
  /** Labels by class number; COCO's 80 unless said. */
  labels?: readonly string[];
  /** Boxes below this confidence (0..1) are left out before overlaps are dropped. */
  min_confidence?: number;
  /** Of two boxes of one label that overlap more than this (IoU, 0..1) one is dropped. */
  max_overlap?: number;
}

/** A YOLO model of this machine, run by ONNX Runtime. */
export interface OnnxConfig extends Called, YoloOptions {
  kind: "onnx";
  /** Path of the `.onnx` file. */
  file: string;
}

/** One detector of a ranked list. */
export type DetectorConfig = HttpDetectConfig | OnnxConfig;

/** What is filled in. */
export const DETECTOR_DEFAULTS = Object.freeze({ timeout_ms: 2_000, in_flight: 64 });

/** What is filled in for YOLO models, as Ultralytics' own predictor has it (https://docs.ultralytics.com/modes/predict/, overlaps as YOLOv5). */
export const YOLO_DEFAULTS = Object.freeze({ labels: COCO_LABELS, min_confidence: 0.25, max_overlap: 0.45 });

/** Two in flight: one picture is decoded while the model looks at another. */
export const ONNX_DEFAULTS = Object.freeze({ timeout_ms: 10_000, in_flight: 2 });
