import type { CameraDetections } from "@gatehouse/events";
import type { Batch } from "@gatehouse/store";
import type { BatchRules } from "./batching.ts";

export const RULES: BatchRules = {
  max_s: 90,
  idle_s: 30,
  max_detections: 50,
  fast_path: { confidence: 0.9, labels: ["person"] },
};

/** A set of a frame at a time, with boxes of label and confidence. */
export function setAt(captured_at_ms: number, ...boxes: [label: string, confidence: number][]): CameraDetections {
  return {
    camera_id: "gate",
    frame_id: `f-${captured_at_ms}`,
    captured_at_ms,
    model: null,
    image: { width: 640, height: 480 },
    detections: boxes.map(([label, confidence], i) => ({
      detection_id: `gate.f-${captured_at_ms}.${i}`,
      label,
      confidence,
      box: { x: 0, y: 0, w: 1, h: 1 },
    })),
    timings_ms: { queue: 0, decode: 0, infer: 0, total: 0 },
  };
}

/** A batch of one person at 0.8, closed; `own` says what is different. */
export function batchWith(own: Partial<Batch> = {}): Batch {
  return {
    batch_id: "gate.f-1",
    camera_id: "gate",
    state: "closed",
    opened_at_ms: 1_000,
    closes_at_ms: 31_000,
    closed_at_ms: 31_000,
    close_reason: "idle",
    started_at_ms: 1_000,
    last_at_ms: 1_000,
    detection_count: 1,
    labels: { person: 1 },
    confidence_sum: 0.8,
    max_confidence: 0.8,
    event_id: "gate.f-1",
    ...own,
  };
}
