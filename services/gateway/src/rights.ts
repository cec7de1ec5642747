import { isPattern, matchSubject, patternContains, subjectMatches } from "@gatehouse/events";
import type { Role } from "@gatehouse/store";
import { coversOthers, isPersonal } from "./personal-subjects.ts";

/** Whose key it is and what it was given. */
export interface Holder {
  role: Role;
  /** Null: nobody's in particular. */
  user_id: string | null;
  key_id: string;
  /** Patterns that the key was given besides what its role allows. */
  subjects: readonly string[];
}

/** `claim`: allowed if the request_id is this holder's, or nobody's yet. */
export type Right = { allowed: false } | { allowed: true; claim?: string };

const VIEWER = ["camera.*.detections", "camera.*.event.>", "camera.*.status", "alert.>"];
const FOLLOWS: Record<Exclude<Role, "admin">, readonly string[]> = {
  viewer: VIEWER,
  operator: [...VIEWER, "camera.*.frame", "scan.>"],
};
/** How a run is: one's own, and every one for operators. */
const RUN_STATUS = { subject: "ai.pipeline.status.{request_id}" };
const ANSWERS = [
  { subject: "ai.chat.response.stream.{request_id}" },
  { subject: "ai.chat.response.{request_id}" },
  { subject: "ai.voice.response.{request_id}" },
  RUN_STATUS,
];

/** Everything that a client may publish at all; the rest is made by services. */
const FRAME = "camera.*.frame";
const RUN_CANCEL = "ai.pipeline.cancel";
const OPERATED = [FRAME, "ai.pipeline.trigger", RUN_CANCEL];
const USER_INPUTS = [
  "ai.chat.user.*.message",
  "ai.chat.user.*.login",
  "ai.chat.user.*.cancel",
  "ai.voice.user.*.request",
];

const NO: Right = { allowed: false };
const YES: Right = { allowed: true };

/**
 * Whether a holder may follow a subject pattern: only if it is contained in a granted one. Answers are their own
 * requests' only, one by one, and what belongs to other users is for admins, whatever a key was given.
 */
export function mayFollow(holder: Holder, pattern: string): Right {
  const { role, user_id, subjects } = holder;
  if (!isPattern(pattern) || isInternal(pattern)) return NO;
  if (role === "admin") return YES;
  const request_id = ANSWERS.map((answer) => matchSubject(answer, pattern)?.request_id).find((id) => id !== undefined);
  if (request_id !== undefined && !/[*>]/.test(request_id)) return mayFollowAnswer(holder, pattern, request_id);
  if (startsWild(pattern) || coversOthers(pattern, user_id)) return NO;
  const granted = [...FOLLOWS[role], ...ownPatterns(ownerOf(holder)), ...givenFor(pattern, { user_id, subjects })];
  return granted.some((grant) => patternContains(grant, pattern)) ? YES : NO;
}

/** A run that a join or a schedule started is nobody's to claim. */
function mayFollowAnswer(holder: Holder, subject: string, request_id: string): Right {
  const own: Right = { allowed: true, claim: request_id };
  if (!isRunStatus(subject)) return own;
  if (operates(holder)) return YES;
  return isFired(request_id) ? NO : own;
}

/** Whether it is a run whose statuses are followed. */
export const isRunStatus = (subject: string): boolean => matchSubject(RUN_STATUS, subject) !== null;

/** Whether a request_id is one of those that joins and schedules give. */
export function isFired(request_id: string): boolean {
  return /^(?:join|cron)-[0-9a-f]{40}$/.test(request_id);
}

/** Whether a holder may publish on a subject: declared inputs only, whatever the role. */
export function mayPublish(holder: Holder, subject: string): boolean {
  const { role, user_id, subjects } = holder;
  if (!isPattern(subject) || /(^|\.)[*>](\.|$)/.test(subject)) return false;
  const operated = OPERATED.some((input) => subjectMatches(input, subject));
  const said = USER_INPUTS.some((input) => subjectMatches(input, subject));
  if (!operated && !said) return false;
  if (role === "admin" || (role === "operator" && operated)) return true;
  if (coversOthers(subject, user_id)) return false;
  const granted = [...ownPatterns(ownerOf(holder)), ...givenFor(subject, { user_id, subjects })];
  return granted.some((grant) => subjectMatches(grant, subject));
}

/** Whether a holder may look at a run, whoever started it; null: nobody in particular. */
export function maySeeRun(holder: Holder, owner: string | null): boolean {
  return operates(holder) || owner === ownerOf(holder);
}

/** Whether a holder may end a run: its own, where its key may publish cancels at all, and every one for operators and admins. */
export function mayEndRun(holder: Holder, owner: string | null): boolean {
  return mayPublish(holder, RUN_CANCEL) && maySeeRun(holder, owner);
}

/** Whether every run is open to a holder, whoever started it. */
export const operates = ({ role }: Pick<Holder, "role">): boolean => role !== "viewer";

/** What a key was given that counts here: nothing that covers other users opens what is personal. */
function givenFor(pattern: string, { user_id, subjects }: Pick<Holder, "user_id" | "subjects">): readonly string[] {
  return isPersonal(pattern) ? subjects.filter((given) => !coversOthers(given, user_id)) : subjects;
}

/** Under whose name a holder's requests are owned. */
export function ownerOf({ user_id, key_id }: Pick<Holder, "user_id" | "key_id">): string {
  return user_id ?? key_id;
}

/** The user that admins' keys which are nobody's in particular chat as; nobody else may be called so. */
export const ADMIN_USER = "admin";

/** Under whose name a holder chats. */
export function chatUserOf(holder: Pick<Holder, "role" | "user_id" | "key_id">): string {
  return holder.user_id === null && holder.role === "admin" ? ADMIN_USER : ownerOf(holder);
}

function ownPatterns(owner: string): string[] {
  return [`ai.chat.user.${owner}.>`, `ai.voice.user.${owner}.>`];
}

function isInternal(pattern: string): boolean {
  return pattern.startsWith("$") || pattern.startsWith("_INBOX");
}

function startsWild(pattern: string): boolean {
  return pattern.startsWith("*") || pattern.startsWith(">");
}
