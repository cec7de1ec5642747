import { expect, test } from "vitest";
import { classicModel, constantModel, endToEndModel } from "../../harness/onnx-models.ts";
import { signal, withModel } from "./onnx-detector.fixture.ts";
import { patches } from "./onnx-file.fixture.ts";

// In an input of 640 x 480 a picture of 640 x 224 lies as it is, 128 rows from the top: its cells are 32 x 32 pixels, and
// the box of the cell at column c and row r is 96 x 96, from (32 c - 32, 32 r - 32).
const cell = (column: number, row: number, colour: string, side = 32) => ({
  left: column * side,
  top: row * side,
  width: side,
  height: side,
  colour,
});
const wide = { width: 640, height: 224 };
const scene = [
  cell(3, 2, "#ff0000"),
  cell(4, 2, "#c80000"), // its box shares half of its area with its neighbours' boxes
  cell(5, 2, "#e60000"), // a fifth with the first one's
  cell(3, 3, "#00ff00"),
  cell(0, 0, "#00f000"), // its box reaches beyond the picture, up into the padding
  cell(19, 6, "#3c0000"), // 60 of 255: too little
];
const strongest = { label: "red", confidence: 1, box: [0.1, 1 / 7, 0.15, 3 / 7] };
const overlapping = { label: "red", confidence: 200 / 255, box: [0.15, 1 / 7, 0.15, 3 / 7] };
const others = [
  { label: "green", confidence: 1, box: [0.1, 2 / 7, 0.15, 3 / 7] },
  { label: "green", confidence: 240 / 255, box: [0, 0, 0.1, 2 / 7] },
  { label: "red", confidence: 230 / 255, box: [0.2, 1 / 7, 0.15, 3 / 7] },
];
const rounded = (found: readonly { label: string; confidence: number; box: number[] }[]) =>
  found
    .map(({ label, confidence, box }) => ({
      label,
      confidence: confidence.toFixed(4),
      box: box.map((side) => side.toFixed(4)),
    }))
    .sort((a, b) => (a.confidence + a.label < b.confidence + b.label ? 1 : -1));
const flat = (
  detections: { label: string; confidence: number; box: { x: number; y: number; w: number; h: number } }[],
) =>
  rounded(detections.map(({ label, confidence, box: { x, y, w, h } }) => ({ label, confidence, box: [x, y, w, h] })));

test.each([
  ["classic, its overlaps dropped", classicModel(), [strongest, ...others]],
  ["end to end, as the model gives it", endToEndModel(), [strongest, overlapping, ...others]],
])("detect() finds what a model shows in its output: %s", async (_, model, wanted) => {
  await using onnx = await withModel(model);
  const answer = await onnx.detector.detect(await patches(wide, scene), { signal });
  expect(flat(answer.detections)).toEqual(rounded(wanted));
  expect(answer.model).toEqual({
    name: "colours",
    version: expect.stringMatching(/^[0-9a-f]{12}$/),
    backend: "onnxruntime",
  });
  expect(answer.infer_ms).toBeGreaterThan(0);
});

test("detect() gives the same boxes for the same scene in another size", async () => {
  await using onnx = await withModel(classicModel());
  const small = scene.map(({ left, top, width, height, colour }) => ({
    left: left / 2,
    top: top / 2,
    width: width / 2,
    height: height / 2,
    colour,
  }));
  const { detections } = await onnx.detector.detect(await patches({ width: 320, height: 112 }, small), { signal });
  const places = (found: readonly { label: string; box: string[] }[]) =>
    found.map(({ label, box }) => `${label} ${box}`).sort();
  expect(places(flat(detections))).toEqual(places(rounded([strongest, ...others])));
});

test("detect() obeys labels, min_confidence and max_overlap of its configuration", async () => {
  await using onnx = await withModel(classicModel(), {
    labels: ["rot", "gruen"],
    min_confidence: 0.75,
    max_overlap: 0.6,
  });
  const { detections } = await onnx.detector.detect(await patches(wide, scene), { signal });
  expect(detections.map(({ label }) => label).sort()).toEqual(["gruen", "gruen", "rot", "rot", "rot"]);
  await using strict = await withModel(classicModel(), { min_confidence: 0.95 });
  expect((await strict.detector.detect(await patches(wide, scene), { signal })).detections).toHaveLength(2);
});

test("detect() gives an open input sides of 640", async () => {
  await using onnx = await withModel(constantModel([1, 1, 6], [320, 160, 640, 480, 0.5, 1]));
  const { detections } = await onnx.detector.detect(await patches({ width: 200, height: 100 }, []), { signal });
  expect(flat(detections)).toEqual([
    { label: "green", confidence: "0.5000", box: ["0.5000", "0.0000", "0.5000", "1.0000"] },
  ]);
});

test("detect() keeps many callers apart", async () => {
  await using onnx = await withModel(classicModel());
  const columns = Array.from({ length: 20 }, (_, column) => column);
  const found = await Promise.all(
    columns.map(async (column) => {
      const { detections } = await onnx.detector.detect(await patches(wide, [cell(column, 3, "#ff0000")]), { signal });
      return detections.map(({ box }) => Math.round((box.x + box.w) * 20));
    }),
  );
  expect(found).toEqual(columns.map((column) => [Math.min(column + 2, 20)]));
});
