import type { CameraDetections, Detection } from "@gatehouse/events";
import type { Batch, BatchTotals, CloseReason } from "@gatehouse/store";

/** When batches close, and what is told at once. */
export interface BatchRules {
  max_s: number;
  idle_s: number;
  max_detections: number;
  fast_path: { confidence: number; labels: readonly string[] };
}

const MERGE_GAP_MS = 5_000;
const MERGE_CONFIDENCE = 0.15;

/** The totals of a batch that begins with this set. `now_ms`: wall clock. */
export function firstTotals(set: CameraDetections, rules: BatchRules, now_ms: number): BatchTotals {
  const empty: BatchTotals = {
    closes_at_ms: 0,
    started_at_ms: set.captured_at_ms,
    last_at_ms: set.captured_at_ms,
    detection_count: 0,
    labels: {},
    confidence_sum: 0,
    max_confidence: 0,
    event_id: null,
  };
  return withSet(empty, set, rules, { opened_at_ms: now_ms, now_ms });
}

/** The totals with one more set. A frame older than the newest is counted, but does not keep the batch open. */
export function withSet(
  totals: BatchTotals,
  set: CameraDetections,
  rules: BatchRules,
  { opened_at_ms, now_ms }: { opened_at_ms: number; now_ms: number },
): BatchTotals {
  const labels = { ...totals.labels };
  for (const { label } of set.detections) labels[label] = (labels[label] ?? 0) + 1;
  const older = set.captured_at_ms < totals.last_at_ms;
  const closes_at_ms = Math.min(opened_at_ms + rules.max_s * 1_000, now_ms + rules.idle_s * 1_000);
  return {
    ...totals,
    closes_at_ms: older ? totals.closes_at_ms : closes_at_ms,
    started_at_ms: startWith(totals, set.captured_at_ms, rules),
    last_at_ms: Math.max(totals.last_at_ms, set.captured_at_ms),
    detection_count: totals.detection_count + set.detections.length,
    labels,
    confidence_sum: totals.confidence_sum + set.detections.reduce((sum, { confidence }) => sum + confidence, 0),
    max_confidence: Math.max(totals.max_confidence, ...set.detections.map(({ confidence }) => confidence)),
  };
}

/** The first frame's time: a frame that came out of turn may move it, a straggler from long before the batch not. */
function startWith({ started_at_ms, last_at_ms }: BatchTotals, captured_at_ms: number, rules: BatchRules): number {
  const near = captured_at_ms >= started_at_ms - rules.idle_s * 1_000;
  const spans = last_at_ms - captured_at_ms <= rules.max_s * 1_000;
  return near && spans ? Math.min(started_at_ms, captured_at_ms) : started_at_ms;
}

/**
 * Why an open batch was over before this frame was taken, or null. Told by the times of the frames, so that frames
 * that waited for a service to come back are grouped as if it had been there.
 */
export function overBefore(batch: Batch, captured_at_ms: number, rules: BatchRules): CloseReason | null {
  if (captured_at_ms > batch.last_at_ms + rules.idle_s * 1_000) return "idle";
  if (captured_at_ms > batch.started_at_ms + rules.max_s * 1_000) return "timeout";
  return null;
}

/** Why a batch that is due now closes. */
export function reasonToClose(batch: Batch, rules: BatchRules): CloseReason {
  return batch.closes_at_ms >= batch.opened_at_ms + rules.max_s * 1_000 ? "timeout" : "idle";
}

/** Whether something in the set is to be told at once. */
export function isUrgent(detections: readonly Detection[], { fast_path }: BatchRules): boolean {
  return detections.some(
    ({ label, confidence }) => confidence >= fast_path.confidence && fast_path.labels.includes(label),
  );
}

/** Whether a batch goes on with what the one before it was about: within 5 s, same main label, mean confidence within 0.15. */
export function continues(before: Batch, batch: Batch): boolean {
  const gap_ms = Math.max(batch.started_at_ms - before.last_at_ms, before.started_at_ms - batch.last_at_ms);
  const mean = (b: Batch): number => b.confidence_sum / Math.max(1, b.detection_count);
  return (
    gap_ms <= MERGE_GAP_MS &&
    labelsByCount(before.labels)[0] === labelsByCount(batch.labels)[0] &&
    Math.abs(mean(before) - mean(batch)) <= MERGE_CONFIDENCE
  );
}

/** Labels, most frequent first, then by name. */
export function labelsByCount(labels: Readonly<Record<string, number>>): string[] {
  return Object.entries(labels)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([label]) => label);
}
