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
