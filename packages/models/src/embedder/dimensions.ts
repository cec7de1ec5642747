import type { Fault } from "../calling/faults.ts";
import { isSkipped } from "../calling/ranked.ts";
import { ModelAnswerError } from "../errors.ts";

/**
 * Vectors of one ranked list are compared with each other: all must have as many numbers as the first one had. The entry
 * that gave it may give others after a call of it failed: then another model may have taken the place of the first.
 */
export class Dimensions {
  #count: number | null = null;
  #by: object | null = null;
  #is_open = false;

  /** The vector, which fits. @throws {ModelAnswerError} */
  fitting(vector: Float32Array, { by, fault }: { by: object; fault: Fault }): Float32Array {
    const { length } = vector;
    if (this.#count === null || (this.#is_open && by === this.#by)) {
      this.#count = length;
      this.#by = by;
      this.#is_open = false;
    }
    if (length === this.#count) return vector;
    const wanted = `a vector must have ${this.#count} numbers as those before`;
    throw fault(ModelAnswerError, `${wanted}: current length is ${length}`, { facts: { dimensions: length } });
  }

  /** Waits for an answer of that entry. @throws what it throws */
  async during<T>(by: object, answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (by === this.#by && isSkipped(error)) this.#is_open = true;
      throw error;
    }
  }
}
