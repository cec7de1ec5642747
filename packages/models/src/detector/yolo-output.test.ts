import { expect, test } from "vitest";
import { faultsOf } from "../calling/faults.ts";
import { DetectorAuthError, DetectorDownError } from "../errors.ts";
import { readYoloOutput, type YoloOutput } from "./yolo-output.ts";

// A picture of 200 x 100 in an input of 640 x 640: 3.2 times as large, with 160 rows of padding above and below.
const reading = {
  labels: ["person", "car"],
  min_confidence: 0.25,
  max_overlap: 0.45,
  input: { width: 640, height: 640 },
  place: { x: 0, y: 160, width: 640, height: 320 },
  fault: faultsOf({
    action: "detect objects",
    server: "here",
    model: "yolo",
    Down: DetectorDownError,
    Auth: DetectorAuthError,
  }),
};
type Row = [number, number, number, number, number, number];
const endToEnd = (...rows: Row[]): YoloOutput => ({ shape: [1, rows.length, 6], data: new Float32Array(rows.flat()) });
/** `[1, 6, anchors]`: columns turned into rows. */
const classic = (...anchors: Row[]): YoloOutput => ({
  shape: [1, 6, anchors.length],
  data: new Float32Array([0, 1, 2, 3, 4, 5].flatMap((row) => anchors.map((anchor) => anchor[row]!))),
});
const rounded = (found: ReturnType<typeof readYoloOutput>) =>
  found.map(({ label, confidence, box }) => ({
    label,
    confidence: Number(confidence.toFixed(6)),
    box: [box.x, box.y, box.w, box.h].map((side) => Number(side.toFixed(6))),
  }));
const padding: Row = [0, 0, 0, 0, 0, 0];

test("readYoloOutput() undoes the letterbox of end-to-end rows, and leaves overlaps to the model", () => {
  const output = endToEnd(
    [64, 192, 320, 352, 0.5, 1],
    [66, 192, 320, 352, 0.75, 1],
    [0, 160, 640, 480, 0.25, 0],
    [0, 160, 640, 480, 0.2, 0],
    padding,
  );
  expect(rounded(readYoloOutput(output, reading))).toEqual([
    { label: "car", confidence: 0.75, box: [66 / 640, 0.1, 254 / 640, 0.5].map((side) => Number(side.toFixed(6))) },
    { label: "car", confidence: 0.5, box: [0.1, 0.1, 0.4, 0.5] },
    { label: "person", confidence: 0.25, box: [0, 0, 1, 1] },
  ]);
});

test("readYoloOutput() takes the best label of each classic anchor and drops overlaps of one label", () => {
  const output = classic(
    [192, 272, 256, 160, 0.1, 0.5], // the box 64, 192 .. 320, 352
    [196, 272, 256, 160, 0.1, 0.875], // 252 x 160 of 260 x 160 shared: 0.97
    [196, 272, 256, 160, 0.625, 0.1],
    [512, 400, 64, 64, 0.125, 0.2],
    [512, 400, 64, 64, 0.375, 0.25],
    [1, 1, 1, 1, 0, 0],
    [1, 1, 1, 1, 0, 0],
  );
  expect(rounded(readYoloOutput(output, reading))).toEqual([
    { label: "car", confidence: 0.875, box: [68 / 640, 0.1, 0.4, 0.5] },
    { label: "person", confidence: 0.625, box: [68 / 640, 0.1, 0.4, 0.5] },
    { label: "person", confidence: 0.375, box: [0.75, 0.65, 0.1, 0.2] },
  ]);
});

test("readYoloOutput() clips boxes to the picture; what lies in the padding alone is no object", () => {
  const output = endToEnd([-50, 100, 320, 320, 0.5, 0], [0, 0, 100, 150, 0.5, 0], [600, 470, 700, 700, 0.5, 0]);
  expect(rounded(readYoloOutput(output, reading)).map(({ box }) => box)).toEqual([
    [0, 0, 0.5, 0.5],
    [0.9375, 0.96875, 0.0625, 0.03125],
  ]);
});

test("readYoloOutput() forgives a score that rounding lifted above 1", () => {
  expect(readYoloOutput(endToEnd([0, 160, 640, 480, 1.0005, 0]), reading)[0]?.confidence).toBe(1);
});

test("readYoloOutput() gives at most 300 objects", () => {
  const rows = Array.from({ length: 400 }, (_, n): Row => [n, 200, n + 1, 210, 0.25 + n / 1000, 0]);
  const found = readYoloOutput(endToEnd(...rows), reading);
  expect(found).toHaveLength(300);
  expect(found[0]!.confidence).toBeCloseTo(0.649, 6);
});

const good: Row = [64, 192, 320, 352, 0.5, 1];
const withValue = (at: number, value: number) => endToEnd(good.with(at, value) as Row);
test.each<[string, YoloOutput, string]>([
  ["four dimensions", { shape: [1, 1, 1, 6], data: new Float32Array(6) }, "current shape is [1,1,1,6] with 6 values"],
  [
    "two pictures",
    { shape: [2, 300, 6], data: new Float32Array(3600) },
    "must be [1,300,6] or [1,6,anchors] for 2 labels",
  ],
  [
    "other labels",
    { shape: [1, 84, 100], data: new Float32Array(8400) },
    "current shape is [1,84,100] with 8400 values",
  ],
  ["too few values", { shape: [1, 300, 6], data: new Float32Array(12) }, "current shape is [1,300,6] with 12 values"],
  ["no shape", { shape: [], data: new Float32Array(0) }, "current shape is [] with 0 values"],
  ["NaN as score", withValue(4, Number.NaN), "a score must be 0..1: current value is NaN"],
  ["a raw score", withValue(4, 3.5), "a score must be 0..1: current value is 3.5"],
  ["a negative score", withValue(4, -0.5), "a score must be 0..1: current value is -0.5"],
  ["NaN in a box", withValue(0, Number.NaN), 'current corners are "NaN, 192, 320, 352"'],
  ["an infinite box", withValue(2, Number.POSITIVE_INFINITY), 'current corners are "64, 192, Infinity, 352"'],
  ["a box turned over", withValue(2, 10), 'current corners are "64, 192, 10, 352"'],
  [
    "a box wholly outside",
    endToEnd([700, 192, 800, 352, 0.5, 1]),
    "a box must lie in the input of 640 x 640: current corners",
  ],
  ["a class beyond the labels", withValue(5, 2), "a class must be 0..1: current value is 2"],
  ["half a class", withValue(5, 0.5), "a class must be 0..1: current value is 0.5"],
  ["NaN as class", withValue(5, Number.NaN), "a class must be 0..1: current value is NaN"],
  [
    "NaN among classic scores",
    classic([1, 1, 1, 1, Number.NaN, 0.5], [1, 1, 1, 1, 0, 0]),
    "a score must be 0..1: current value is NaN",
  ],
  [
    "a classic box of NaN",
    classic([1, 1, Number.NaN, 1, 0.5, 0.5], [1, 1, 1, 1, 0, 0]),
    'current corners are "NaN, 0.5, NaN, 1.5"',
  ],
])("readYoloOutput() says what was wanted of %s", (_, output, message) => {
  expect(() => readYoloOutput(output, reading)).toThrow(
    expect.objectContaining({
      code: "MODEL_ANSWER",
      message: expect.stringContaining(message),
      facts: { server: "here", model: "yolo" },
    }),
  );
});

test("readYoloOutput() does not look at the boxes of what it leaves out", () => {
  expect(readYoloOutput(endToEnd([Number.NaN, 0, 0, 0, 0.1, 99]), reading)).toEqual([]);
});
