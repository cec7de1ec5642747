import { BadMediaKeyError } from "./errors.ts";

const SEGMENT = /^[A-Za-z0-9._:-]{1,160}$/;
const MAX_SEGMENTS = 8;

/**
 * The segments of a media key such as `front-door/2026-11-21/f-81.jpg`: 1 to 8 of `[A-Za-z0-9._:-]{1,160}`, none of
 * them `.` or `..`, so that a key never leaves its root.
 * @throws {BadMediaKeyError}
 */
export function splitMediaKey(key: string): string[] {
  const segments = key.split("/");
  const bad = segments.find((segment) => !SEGMENT.test(segment) || segment === "." || segment === "..");
  if (bad === undefined && segments.length <= MAX_SEGMENTS) return segments;
  throw new BadMediaKeyError(
    `Cannot use media key "${key.slice(0, 200)}" as it must be 1 to ${MAX_SEGMENTS} segments of [A-Za-z0-9._:-]{1,160}, none "." or "..": ` +
      (bad === undefined ? `current number is ${segments.length}` : `current segment is "${bad.slice(0, 160)}"`),
  );
}
