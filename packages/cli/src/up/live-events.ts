import { describeError } from "@gatehouse/errors";
import { cameraEventCreated, cameraEventUpdated, decodeEvent, matchSubject } from "@gatehouse/events";
import type { Log, StoredMessage } from "@gatehouse/runtime";
import type { Tell } from "./news.ts";

/** The stream of security events. */
export const EVENTS = "SECURITY_EVENTS";

/** Tells a security event. */
export function tellEvent(message: StoredMessage, tell: Tell, log: Log): void {
  const state = matchSubject(cameraEventCreated, message.subject) ? "created" : "updated";
  const type = state === "created" ? cameraEventCreated : cameraEventUpdated;
  if (!matchSubject(type, message.subject)) return;
  try {
    tell({ what: "event", state, event: decodeEvent(type, message), time_ms: message.time_ms });
  } catch (error) {
    log.warn({ seq: message.seq, ...describeError(error) }, "event cannot be shown");
  }
}
