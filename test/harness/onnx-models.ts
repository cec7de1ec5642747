import { type Constant, type Node, onnxFile, type Value } from "./onnx-format.ts";

// Models that find red (label 0) and green (label 1) by looking: the input of 640 x 480 is a grid of 20 x 15 cells of
// 32 pixels, and each of the 300 cells proposes a box of 96 x 96 around its middle. Its scores are the means over the
// cell of red minus green and of green minus red, what is below 0 left out: grey and blue score nothing.

/** The input of the models below. */
export const INPUT = { width: 640, height: 480 };
const CELL = 32;
const BOX = 96;
const COLUMNS = INPUT.width / CELL;
const CELLS = COLUMNS * (INPUT.height / CELL);
const images: Value = { name: "images", dims: [1, 3, INPUT.height, INPUT.width] };

/** Rows of x1, y1, x2, y2, score, class: `[1, 300, 6]`. */
export function endToEndModel(): Uint8Array {
  return onnxFile({
    inputs: [images],
    constants: [...weights, boxes((x, y) => [x - BOX / 2, y - BOX / 2, x + BOX / 2, y + BOX / 2])],
    nodes: [
      ...scores,
      { op: "ReduceMax", inputs: ["scores"], outputs: ["best"], attributes: { axes: [1] } },
      { op: "ArgMax", inputs: ["scores"], outputs: ["number"], attributes: { axis: 1 } },
      { op: "Cast", inputs: ["number"], outputs: ["class"], attributes: { to: 1 } },
      { op: "Concat", inputs: ["boxes", "best", "class"], outputs: ["columns"], attributes: { axis: 1 } },
      { op: "Transpose", inputs: ["columns"], outputs: ["output0"], attributes: { perm: [0, 2, 1] } },
    ],
    outputs: [{ name: "output0", dims: [1, CELLS, 6] }],
  });
}

/** Columns of cx, cy, w, h and two scores: `[1, 6, 300]`. */
export function classicModel(): Uint8Array {
  return onnxFile({
    inputs: [images],
    constants: [...weights, boxes((x, y) => [x, y, BOX, BOX])],
    nodes: [...scores, { op: "Concat", inputs: ["boxes", "scores"], outputs: ["output0"], attributes: { axis: 1 } }],
    outputs: [{ name: "output0", dims: [1, 6, CELLS] }],
  });
}

/** Gives the same values for every picture. Its input leaves its sides open: 640 x 640. */
export function constantModel(dims: readonly number[], values: readonly number[]): Uint8Array {
  return onnxFile({
    inputs: [{ name: "images", dims: ["batch", 3, "height", "width"] }],
    constants: [{ name: "values", dims, values: new Float32Array(values) }],
    nodes: [{ op: "Identity", inputs: ["values"], outputs: ["output0"] }],
    outputs: [{ name: "output0", dims }],
  });
}

/** Gives its input back, whatever that is declared to be. */
export function echoModel(value: Omit<Value, "name">): Uint8Array {
  return onnxFile({
    inputs: [{ ...value, name: "images" }],
    nodes: [{ op: "Identity", inputs: ["images"], outputs: ["output0"] }],
    outputs: [{ ...value, name: "output0" }],
  });
}

/** Never comes to an end. */
export function endlessModel(): Uint8Array {
  const state = { dims: images.dims };
  return onnxFile({
    inputs: [images],
    constants: [
      { name: "rounds", dims: [], values: new BigInt64Array([2n ** 62n]) },
      { name: "on", dims: [], values: new Uint8Array([1]) },
    ],
    nodes: [{ op: "Loop", inputs: ["rounds", "on", "images"], outputs: ["output0"], attributes: { body: round() } }],
    outputs: [{ ...state, name: "output0" }],
  });

  function round() {
    const flag = { type: "bool", dims: [] } as const;
    return {
      inputs: [
        { name: "round", type: "int64", dims: [] },
        { ...flag, name: "go" },
        { ...state, name: "before" },
      ] as const,
      nodes: [
        { op: "Identity", inputs: ["go"], outputs: ["go_on"] },
        { op: "Relu", inputs: ["before"], outputs: ["after"] },
      ],
      outputs: [
        { ...flag, name: "go_on" },
        { ...state, name: "after" },
      ],
    };
  }
}

/** `[1, 2, 300]` of the input. */
const scores: readonly Node[] = [
  { op: "Conv", inputs: ["images", "differences"], outputs: ["signed"] },
  { op: "Relu", inputs: ["signed"], outputs: ["colours"] },
  {
    op: "AveragePool",
    inputs: ["colours"],
    outputs: ["means"],
    attributes: { kernel_shape: [CELL, CELL], strides: [CELL, CELL] },
  },
  { op: "Reshape", inputs: ["means", "flat"], outputs: ["scores"] },
];
const weights: readonly Constant[] = [
  { name: "differences", dims: [2, 3, 1, 1], values: new Float32Array([1, -1, 0, -1, 1, 0]) },
  { name: "flat", dims: [3], values: new BigInt64Array([1n, 2n, BigInt(CELLS)]) },
];

/** `[1, 4, 300]`: four numbers of each cell's middle. */
function boxes(sides: (x: number, y: number) => [number, number, number, number]): Constant {
  const values = new Float32Array(4 * CELLS);
  for (let cell = 0; cell < CELLS; cell++) {
    const middle = (at: number) => at * CELL + CELL / 2;
    const four = sides(middle(cell % COLUMNS), middle(Math.floor(cell / COLUMNS)));
    for (const [row, side] of four.entries()) values[row * CELLS + cell] = side;
  }
  return { name: "boxes", dims: [1, 4, CELLS], values };
}
