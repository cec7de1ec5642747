import { expect, test } from "vitest";
import { faultsOf } from "../calling/faults.ts";
import { ClassifierAuthError, ClassifierDownError } from "../errors.ts";
import { fittingLabels } from "./fitting-labels.ts";

const fault = faultsOf({
  action: "classify a picture",
  server: "gpu:8001",
  model: "resnet",
  Down: ClassifierDownError,
  Auth: ClassifierAuthError,
});
const labels = ["cat", "dog", "bird"];

test("fittingLabels() takes the softmax of logits, the best first", () => {
  const found = fittingLabels(Float32Array.of(1, 3, 2), { labels, most: 2, fault });
  expect(found.map(({ label }) => label)).toEqual(["dog", "bird"]);
  expect(found[0]!.confidence).toBeCloseTo(Math.exp(3) / (Math.exp(1) + Math.exp(3) + Math.exp(2)), 5);
  expect(fittingLabels(Float32Array.of(-1e4, 1e4, 0), { labels, most: 1, fault })).toEqual([
    { label: "dog", confidence: 1 },
  ]);
});

test("fittingLabels() takes scores of 0..1 for confidences, and numbers for labels where none are known", () => {
  const found = fittingLabels(Float32Array.of(0.5, 0, 0.75), { labels: undefined, most: 5, fault });
  expect(found).toEqual([
    { label: "2", confidence: 0.75 },
    { label: "0", confidence: 0.5 },
    { label: "1", confidence: 0 },
  ]);
});

test.each([
  ["too few scores", [1, 2], "a score for each of 3 labels: there are 2"],
  ["NaN", [1, Number.NaN, 0], "a score must be a number: current value is NaN"],
  ["an infinite score", [1, Number.POSITIVE_INFINITY, 0], "current value is Infinity"],
])("fittingLabels() refuses %s", (_, scores, message) => {
  expect(() => fittingLabels(Float32Array.from(scores), { labels, most: 5, fault })).toThrow(message);
});
