import { cameraFrame, patternsOverlap, wildcardOf } from "@gatehouse/events";
import { mesh } from "@gatehouse/streams";
import { UsageError } from "../errors.ts";

/** What no stream keeps and clients may hear all the same, as it comes. */
const LIVE_ONLY = ["ai.chat.response.*"];

/** Whether anything can ever come on a subject pattern. @throws {UsageError} naming the subjects on which something can */
export function assertCarried(pattern: string): void {
  const known = [
    ...new Set([wildcardOf(cameraFrame), ...mesh().streams.flatMap(({ subjects }) => subjects), ...LIVE_ONLY]),
  ];
  if (known.some((subject) => patternsOverlap(subject, pattern))) return;
  throw new UsageError(`Cannot watch "${pattern}" as no stream carries it; these are carried: ${known.join(", ")}`);
}
