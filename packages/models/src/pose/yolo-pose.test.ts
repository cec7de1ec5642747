import { expect, test } from "vitest";
import { faultsOf } from "../calling/faults.ts";
import { PoseAuthError, PoseDownError } from "../errors.ts";
import { JOINT_NAMES } from "./joint-names.ts";
import { readYoloPose } from "./yolo-pose.ts";

const fault = faultsOf({
  action: "find bodies",
  server: "gpu:8001",
  model: "pose",
  Down: PoseDownError,
  Auth: PoseAuthError,
});
/** A picture of 1280 x 640 in the middle of 640 x 640: half its size, 160 from the top. */
const reading = {
  min_confidence: 0.25,
  max_overlap: 0.45,
  input: { width: 640, height: 640 },
  place: { x: 0, y: 160, width: 640, height: 320 },
  fault,
};

/** The joint number `at` lies at 100 + at, 200 + at; its confidence is at / 20. */
const joints = JOINT_NAMES.flatMap((_, at) => [100 + at, 200 + at, at / 20]);

function endToEnd(...rows: number[][]) {
  const data = new Float32Array(300 * 57);
  for (const [at, row] of rows.entries()) data.set(row, at * 57);
  return { shape: [1, 300, 57], data };
}

function classic(...columns: number[][]) {
  const data = new Float32Array(56 * columns.length);
  for (const [anchor, column] of columns.entries())
    for (const [row, value] of column.entries()) data[row * columns.length + anchor] = value;
  return { shape: [1, 56, columns.length], data };
}

const body = {
  confidence: 0.75,
  box: { x: 0.1, y: 0.125, w: 0.2, h: 0.5 },
  joints: JOINT_NAMES.map((name, at) => ({
    name,
    x: expect.closeTo((100 + at) / 640, 6),
    y: expect.closeTo((40 + at) / 320, 6),
    confidence: expect.closeTo(at / 20, 6),
  })),
};

test("readYoloPose() reads end-to-end rows, and undoes the letterbox for boxes and joints", () => {
  const output = endToEnd([64, 200, 192, 360, 0.75, 0, ...joints], [0, 160, 10, 170, 0.2, 0, ...joints]);
  expect(readYoloPose(output, reading)).toEqual([body]);
});

test("readYoloPose() reads classic columns, the best of those that overlap, each with its own joints", () => {
  const others = joints.map((value, at) => (at % 3 === 2 ? 1 : value + 50));
  const output = classic(
    [130, 282, 128, 160, 0.5, ...others],
    [128, 280, 128, 160, 0.75, ...joints],
    [500, 300, 100, 200, 0.3, ...others],
  );
  const found = readYoloPose(output, reading);
  expect(found.map(({ confidence }) => confidence)).toEqual([0.75, expect.closeTo(0.3, 6)]);
  expect(found[0]).toEqual(body);
  expect(found[1]!.joints[0]).toEqual({ name: "nose", x: 150 / 640, y: 90 / 320, confidence: 1 });
});

test("readYoloPose() keeps joints within the picture", () => {
  const outside = joints.map((value, at) => (at % 3 === 0 ? -50 : at % 3 === 1 ? 700 : value));
  const [found] = readYoloPose(endToEnd([64, 200, 192, 360, 0.75, 0, ...outside]), reading);
  expect(found!.joints[0]).toEqual({ name: "nose", x: 0, y: 1, confidence: 0 });
});

const with_ = (at: number, value: number) => {
  const row = [64, 200, 192, 360, 0.75, 0, ...joints];
  row[at] = value;
  return endToEnd(row);
};

test.each([
  ["another shape", { shape: [1, 300, 6], data: new Float32Array(1_800) }, "must be [1,300,57] or [1,56,anchors]"],
  ["a shape that is not its length", { shape: [1, 300, 57], data: new Float32Array(57) }, "with 57 values"],
  ["a box of NaN", with_(0, Number.NaN), "a box must lie in the input of 640 x 640"],
  ["a box outside", with_(0, 1_000), "a box must lie in the input of 640 x 640"],
  ["a score above 1", with_(4, 2), "a score must be 0..1: current value is 2"],
  ["a joint of NaN", with_(9, Number.NaN), 'a joint must be a place: current value of left_eye is "NaN, 201"'],
  ["a joint's confidence above 1", with_(8, 2), "a score must be 0..1: current value is 2"],
])("readYoloPose() refuses %s", (_, output, message) => {
  expect(() => readYoloPose(output, reading)).toThrow(`Cannot find bodies of model "pose" at "gpu:8001" as `);
  expect(() => readYoloPose(output, reading)).toThrow(message);
});
