import type { Fault } from "../calling/faults.ts";
import { ModelAnswerError } from "../errors.ts";

/** Scales numbers to a vector of length 1. @throws {ModelAnswerError} when their length is 0 or no number */
export function unitVector(values: ArrayLike<number> & Iterable<number>, fault: Fault): Float32Array {
  let squares = 0;
  for (const value of values) squares += value * value;
  const length = Math.sqrt(squares);
  if (length > 0 && Number.isFinite(length)) return Float32Array.from(values, (value) => value / length);
  throw fault(ModelAnswerError, `a vector's length must be above 0: current value is ${length}`);
}

/** Vectors of one ranked list are compared with each other: all must have as many numbers as the first one had. */
export class Dimensions {
  #count: number | null = null;

  /** The vector, which fits. @throws {ModelAnswerError} */
  fitting(vector: Float32Array, fault: Fault): Float32Array {
    const { length } = vector;
    this.#count ??= length;
    if (length === this.#count) return vector;
    const wanted = `a vector must have ${this.#count} numbers as those before`;
    throw fault(ModelAnswerError, `${wanted}: current length is ${length}`, { facts: { dimensions: length } });
  }
}
