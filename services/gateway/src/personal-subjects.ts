import { patternsOverlap } from "@gatehouse/events";

/** What belongs to one user, to one request or one session. */
const PERSONAL = ["ai.>"];
/** Of these, what belongs to nobody in particular. */
const SHARED = ["ai.pipeline.trigger", "ai.pipeline.cancel"];
/** Copies of whatever anybody sent. */
const COPIES = ["dead.>", "redrive.>"];
const OF_A_USER = /^ai\.(?:chat|voice)\.user\.([^.*>]+)(?:\.|$)/;

/** Whether some subject of a pattern belongs to one user, request or session. */
export function isPersonal(pattern: string): boolean {
  return !SHARED.includes(pattern) && [...PERSONAL, ...COPIES].some((personal) => patternsOverlap(personal, pattern));
}

/**
 * Whether a pattern reaches what belongs to others than one user: this one, or, for a key of nobody in particular, the
 * one that the pattern names. A single request or session is no pattern over others.
 */
export function coversOthers(pattern: string, user_id: string | null): boolean {
  if (!isPersonal(pattern)) return false;
  if (COPIES.some((copies) => patternsOverlap(copies, pattern))) return true;
  const user = OF_A_USER.exec(pattern)?.[1];
  if (user !== undefined) return user_id !== null && user !== user_id;
  return /(^|\.)[*>](\.|$)/.test(pattern);
}
