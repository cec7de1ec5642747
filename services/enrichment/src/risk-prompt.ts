import type { Batch } from "@gatehouse/store";
import { labelsByCount } from "./batching.ts";

/** Raised whenever the words change: stored with each event. */
export const PROMPT_VERSION = "risk-2";

/** What the model is told about an event. Facts only; nothing in it was written by a stranger. */
export interface RiskFacts {
  camera_id: string;
  camera_name: string;
  batches: readonly Batch[];
  ended: boolean;
}

const SYSTEM = `You judge what a security camera saw on its owner's ground.
Answer with one JSON object: risk_score (0 harmless to 100 emergency), summary (one sentence), reasoning (one or two sentences), recommended_action (one short sentence).
Judge only by the facts given.`;

/** The messages for the model, the same for the same facts. */
export function riskMessages({
  camera_id,
  camera_name,
  batches,
  ended,
}: RiskFacts): { role: "system" | "user"; content: string }[] {
  const started_at_ms = Math.min(...batches.map(({ started_at_ms }) => started_at_ms));
  const last_at_ms = Math.max(...batches.map(({ last_at_ms }) => last_at_ms));
  const labels = countLabels(batches);
  const max_confidence = Math.max(...batches.map(({ max_confidence }) => max_confidence));
  const boxes = Object.values(labels).reduce((sum, count) => sum + count, 0);
  const seconds = Math.round((last_at_ms - started_at_ms) / 1_000);
  const lines = [
    `Camera ${camera_name} saw ${labelsByCount(labels).join(", ")} for ${seconds} s${ended ? "" : ", still going on"}.`,
    `Time: ${new Date(started_at_ms).toISOString()}`,
    `Boxes over all frames: ${boxes}`,
    `Highest confidence: ${max_confidence.toFixed(2)}`,
    `Camera id: ${camera_id}`,
  ];
  return [
    { role: "system", content: SYSTEM },
    { role: "user", content: lines.join("\n") },
  ];
}

/** Kept boxes by label, over all batches of an event. */
export function countLabels(batches: readonly Batch[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { labels } of batches)
    for (const [label, count] of Object.entries(labels)) counts[label] = (counts[label] ?? 0) + count;
  return counts;
}
