import type { Fault } from "../calling/faults.ts";
import { ModelAnswerError } from "../errors.ts";
import type { FittingLabel } from "./classifier.ts";

/**
 * The best labels of a list of scores, one for each class. Scores that all lie within 0..1 are confidences; others are
 * logits, of which the softmax is taken.
 * @param labels by class number; without them the numbers are the labels
 * @throws {ModelAnswerError} when a score is no number, or there are more or fewer classes than labels
 */
export function fittingLabels(
  scores: Float32Array,
  { labels, most, fault }: { labels: readonly string[] | undefined; most: number; fault: Fault },
): FittingLabel[] {
  if (labels && labels.length !== scores.length)
    throw fault(
      ModelAnswerError,
      `there must be a score for each of ${labels.length} labels: there are ${scores.length}`,
    );
  const wrong = scores.find((score) => !Number.isFinite(score));
  if (wrong !== undefined) throw fault(ModelAnswerError, `a score must be a number: current value is ${wrong}`);
  const confidences = scores.every((score) => score >= 0 && score <= 1) ? scores : softmax(scores);
  return Array.from(confidences, (confidence, at) => ({ label: labels?.[at] ?? String(at), confidence }))
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, most);
}

function softmax(logits: Float32Array): Float32Array {
  const highest = logits.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY);
  const powers = logits.map((one) => Math.exp(one - highest));
  const sum = powers.reduce((total, one) => total + one, 0);
  return powers.map((one) => one / sum);
}
