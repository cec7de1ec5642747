import { BadRequestError } from "../errors.ts";

/** What a tensor is, on the wire; -1 is a dimension of any size. */
export interface TensorSpec {
  name: string;
  datatype: string;
  shape: number[];
}

/** A tensor with its bytes: little endian, row by row; BYTES elements each after their length in 4 bytes. */
export interface Tensor extends TensorSpec {
  data: Uint8Array;
}

const FLOAT_BYTES = 4;

/** The floats of an FP32 tensor. @throws {BadRequestError} when bytes and shape disagree */
export function floatsOf({ name, shape, data }: Tensor): Float32Array {
  const wanted = shape.reduce((product, side) => product * side, FLOAT_BYTES);
  if (wanted !== data.length)
    throw new BadRequestError(`Cannot read input "${name}" as it must have ${wanted} bytes: it has ${data.length}`);
  const aligned = new Uint8Array(data);
  return new Float32Array(aligned.buffer, 0, data.length / FLOAT_BYTES);
}

/** The elements of a BYTES tensor, as views. @throws {BadRequestError} when a length leads beyond the end, or their number is not the shape's */
export function elementsOf({ name, shape, data }: Tensor): Uint8Array[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  const elements: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 <= bytes.length ? at + 4 + bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY;
    if (end > bytes.length)
      throw new BadRequestError(`Cannot read input "${name}" as element ${elements.length} must end within its bytes`);
    elements.push(bytes.subarray(at + 4, end));
    at = end;
  }
  const wanted = shape.reduce((product, side) => product * side, 1);
  if (elements.length === wanted) return elements;
  throw new BadRequestError(
    `Cannot read input "${name}" as it must have ${wanted} elements: it has ${elements.length}`,
  );
}

/** An FP32 tensor of rows of equal length. */
export function floatTensor(name: string, shape: number[], rows: readonly Float32Array[]): Tensor {
  const each = rows[0]?.length ?? 0;
  const all = new Float32Array(each * rows.length);
  for (const [at, row] of rows.entries()) all.set(row, at * each);
  return { name, datatype: "FP32", shape, data: new Uint8Array(all.buffer) };
}
