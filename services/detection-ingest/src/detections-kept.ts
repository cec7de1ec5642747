import type { Detection } from "@gatehouse/events";
import type { FoundObject } from "@gatehouse/models";

/** Which boxes are kept. Confidences 0..1. */
export interface KeepRule {
  threshold: number;
  thresholds: Readonly<Record<string, number>>;
  labels: readonly string[];
}

/** The boxes that are worth keeping, each with an id: `{camera_id}.{frame_id}.{index}`. */
export function keptDetections(
  found: readonly FoundObject[],
  { threshold, thresholds, labels }: KeepRule,
  frame_key: string,
): Detection[] {
  const limitOf = (label: string) => (Object.hasOwn(thresholds, label) ? thresholds[label]! : threshold);
  return found
    .filter(({ label, confidence }) => labels.includes(label) && confidence >= limitOf(label))
    .map(({ label, confidence, box }, i) => ({ detection_id: `${frame_key}.${i}`, label, confidence, box }));
}
