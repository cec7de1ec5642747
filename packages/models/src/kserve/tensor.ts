/// <reference lib="esnext.float16" />
import { type Fault, shown } from "../calling/faults.ts";
import { ModelAnswerError } from "../errors.ts";

/** KServe v2's names of element types, those that are read or sent here. */
export type Datatype = "FP32" | "FP16" | "INT64" | "UINT8" | "BYTES";

/** A tensor to send. */
export interface InputTensor {
  name: string;
  datatype: Datatype;
  shape: readonly number[];
  /** Its bytes as they go out, in pieces that are not copied together. */
  pieces: readonly Uint8Array[];
}

/** A tensor that a server gave: little endian, row by row. */
export interface OutputTensor {
  name: string;
  datatype: string;
  shape: readonly number[];
  data: Uint8Array;
}

/** Bytes of one element. */
const SIZES: Readonly<Record<string, number>> = { FP32: 4, FP16: 2, INT64: 8, UINT8: 1 };

/** Elements of type BYTES: each after its length in 4 bytes, little endian. */
export function bytesPieces(elements: readonly Uint8Array[]): Uint8Array[] {
  return elements.flatMap((element) => {
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32LE(element.length);
    return [length, element];
  });
}

/** The bytes of floats, not copied. */
export const floatPieces = (values: Float32Array): Uint8Array[] => [
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
];

export const bytesOfPieces = (pieces: readonly Uint8Array[]): number =>
  pieces.reduce((sum, { length }) => sum + length, 0);

/**
 * The numbers of a tensor as floats; FP32 is not copied where its place in memory allows.
 * @throws {ModelAnswerError} for a type without numbers, and when shape and bytes disagree
 */
export function floatsOf({ name, datatype, shape, data }: OutputTensor, fault: Fault): Float32Array {
  const size = SIZES[datatype];
  if (size === undefined)
    throw fault(ModelAnswerError, `output "${name}" must be ${Object.keys(SIZES).join("|")}: it is ${shown(datatype)}`);
  const elements = shape.reduce((product, side) => product * side, 1);
  if (elements * size !== data.length)
    throw fault(
      ModelAnswerError,
      `output "${name}" must have ${elements * size} bytes for [${shape.join()}] of ${datatype}: it has ${data.length}`,
    );
  const at = data.byteOffset % size === 0 ? data : new Uint8Array(data);
  const place = [at.buffer as ArrayBuffer, at.byteOffset, elements] as const;
  if (datatype === "FP32") return new Float32Array(...place);
  if (datatype === "FP16") return Float32Array.from(new Float16Array(...place));
  if (datatype === "INT64") return Float32Array.from(new BigInt64Array(...place), Number);
  return Float32Array.from(at);
}
