import { VectorMismatchError } from "../errors.ts";
import type { VectorPoint, VectorSearch } from "./vector-store.ts";

const SET = /^[a-z0-9_]{1,64}$/;
const MOST_POINTS = 1_000;
const MOST_FOUND = 1_000;
const MOST_ID = 256;

/** Refuses what no store could keep. @throws {VectorMismatchError} */
export function checkPoints(set: string, points: readonly VectorPoint[]): void {
  checkSet(set);
  const action = `Cannot keep vectors in "${set}"`;
  if (points.length === 0 || points.length > MOST_POINTS)
    throw new VectorMismatchError(
      `${action} as there must be 1..${MOST_POINTS} of them: current count is ${points.length}`,
    );
  const dimensions = points[0]!.vector.length;
  for (const { id, vector } of points) {
    if (id.length === 0 || id.length > MOST_ID)
      throw new VectorMismatchError(
        `${action} as an id must have 1..${MOST_ID} characters: current length is ${id.length}`,
      );
    if (vector.length !== dimensions) throw mismatch(action, dimensions, vector.length);
    if (vector.length === 0 || !vector.every(Number.isFinite))
      throw new VectorMismatchError(`${action} as "${id}" must have finite numbers, at least one`);
  }
}

/** @throws {VectorMismatchError} */
export function checkSearch(set: string, vector: Float32Array, { limit }: VectorSearch): void {
  checkSet(set);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_FOUND)
    throw new VectorMismatchError(
      `Cannot search "${set}" as limit must be 1..${MOST_FOUND}: current value is ${limit}`,
    );
  if (vector.length === 0 || !vector.every(Number.isFinite))
    throw new VectorMismatchError(`Cannot search "${set}" as the vector must have finite numbers, at least one`);
}

/** @throws {VectorMismatchError} */
export function checkSet(set: string): void {
  if (!SET.test(set))
    throw new VectorMismatchError(
      `Cannot name a set of vectors as it must match ${SET.source}: current value is "${set}"`,
    );
}

/** Vectors of other dimensions than the set's. */
export function mismatch(action: string, wanted: number, seen: number) {
  return new VectorMismatchError(`${action} as each must have ${wanted} dimensions: current count is ${seen}`, {
    facts: { dimensions: seen },
  });
}
