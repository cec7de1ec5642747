import type { Called, Server } from "../calling/called.ts";
import type { KserveConfig } from "../kserve/config.ts";
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

/** A YOLO model behind KServe v2. */
export interface KserveDetectorConfig extends KserveConfig, YoloOptions {
  /** `encoded`: the picture's bytes, for a model that decodes and letterboxes them; `tensor`: pixels made here. */
  input?: "encoded" | "tensor";
  /** Side of the square picture in which the model's boxes are, where it does not say. */
  size_px?: number;
}

/** One detector of a ranked list. */
export type DetectorConfig = HttpDetectConfig | KserveDetectorConfig | OnnxConfig;

/** What is filled in. */
export const DETECTOR_DEFAULTS = Object.freeze({ timeout_ms: 2_000, in_flight: 64 });

/** What is filled in for YOLO models, as Ultralytics' own predictor has it (https://docs.ultralytics.com/modes/predict/, overlaps as YOLOv5). */
export const YOLO_DEFAULTS = Object.freeze({ labels: COCO_LABELS, min_confidence: 0.25, max_overlap: 0.45 });

/** What is filled in for KServe; 640 as YOLO models are published. */
export const KSERVE_DETECTOR_DEFAULTS = Object.freeze({ input: "encoded" as const, size_px: 640 });

/** Two in flight: one picture is decoded while the model looks at another. */
export const ONNX_DEFAULTS = Object.freeze({ timeout_ms: 10_000, in_flight: 2 });
