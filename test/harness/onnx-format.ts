// ONNX's file format, as far as the models of tests need it: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto,
// in the wire format of protocol buffers: https://protobuf.dev/programming-guides/encoding/

/** Element types of tensors that are used here, by `TensorProto.DataType`. */
export const TYPES = { float: 1, uint8: 2, int64: 7, bool: 9 } as const;
export type ElementType = keyof typeof TYPES;

/** A tensor that is part of the model. */
export interface Constant {
  name: string;
  dims: readonly number[];
  values: Float32Array | BigInt64Array | Uint8Array;
}

/** A value that goes in or comes out; a side that is a word is left open. */
export interface Value {
  name: string;
  type?: ElementType;
  dims: readonly (number | string)[];
}

export interface Node {
  op: string;
  inputs: readonly string[];
  outputs: readonly string[];
  /** Whole numbers, lists of them, and graphs. */
  attributes?: Readonly<Record<string, number | readonly number[] | Graph>>;
}

export interface Graph {
  inputs: readonly Value[];
  constants?: readonly Constant[];
  nodes: readonly Node[];
  outputs: readonly Value[];
}

/** The bytes of a `.onnx` file with this graph, of operator set 13. */
export function onnxFile(graph: Graph): Uint8Array {
  return Buffer.concat([whole(1, 8), text(2, "gatehouse-test"), part(7, graphBytes(graph)), part(8, whole(2, 13))]);
}

function graphBytes({ inputs, constants = [], nodes, outputs }: Graph): Buffer {
  return Buffer.concat([
    ...nodes.map((node) => part(1, nodeBytes(node))),
    text(2, "graph"),
    ...constants.map((constant) => part(5, constantBytes(constant))),
    ...inputs.map((value) => part(11, valueBytes(value))),
    ...outputs.map((value) => part(12, valueBytes(value))),
  ]);
}

function nodeBytes({ op, inputs, outputs, attributes = {} }: Node): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => part(5, attributeBytes(name, value))),
  ]);
}

function attributeBytes(name: string, value: number | readonly number[] | Graph): Buffer {
  if (typeof value === "number") return Buffer.concat([text(1, name), whole(3, value), whole(20, 2)]);
  if ("nodes" in value) return Buffer.concat([text(1, name), part(6, graphBytes(value)), whole(20, 5)]);
  return Buffer.concat([text(1, name), ...value.map((one) => whole(8, one)), whole(20, 7)]);
}

function constantBytes({ name, dims, values }: Constant): Buffer {
  const type = values instanceof Float32Array ? TYPES.float : values instanceof Uint8Array ? TYPES.bool : TYPES.int64;
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([...dims.map((side) => whole(1, side)), whole(2, type), text(8, name), part(9, raw)]);
}

function valueBytes({ name, type = "float", dims }: Value): Buffer {
  const sides = dims.map((side) => part(1, typeof side === "number" ? whole(1, side) : text(2, side)));
  const tensor = Buffer.concat([whole(1, TYPES[type]), part(2, Buffer.concat(sides))]);
  return Buffer.concat([text(1, name), part(2, part(1, tensor))]);
}

const text = (field: number, value: string): Buffer => part(field, Buffer.from(value));
const part = (field: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
const whole = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
