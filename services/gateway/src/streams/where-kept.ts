import { cameraFrame, patternContains, patternsOverlap, wildcardOf } from "@gatehouse/events";
import { mesh } from "@gatehouse/streams";
import { SubjectNotAllowedError, SubjectSpansStreamsError } from "../errors.ts";

const FRAMES = wildcardOf(cameraFrame);

/**
 * The stream that keeps all subjects of a pattern; null when none keeps any of them, or when they are pictures from
 * cameras, which wait in a queue and can only be watched live.
 * @throws {SubjectSpansStreamsError | SubjectNotAllowedError}
 */
export function streamKeeping(pattern: string): string | null {
  if (patternContains(FRAMES, pattern)) return null;
  const streams = mesh().streams.filter(({ subjects }) => subjects.some((kept) => patternsOverlap(kept, pattern)));
  const [only] = streams;
  if (!only) {
    if (!/^[*>]/.test(pattern)) return null;
    throw new SubjectNotAllowedError(`Cannot follow "${pattern}" as its first word must not be a wildcard`);
  }
  if (streams.length === 1 && only.subjects.some((kept) => patternContains(kept, pattern))) return only.name;
  const names = streams.map(({ name }) => name);
  throw new SubjectSpansStreamsError(
    `Cannot follow "${pattern}" as it must lie in one stream: it is partly in ${names.join(", ")}`,
    { facts: { streams: names.join(",") } },
  );
}
