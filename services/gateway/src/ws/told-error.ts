import { describeError } from "@gatehouse/errors";
import { UnavailableError } from "../errors.ts";

/** Every code that a client of the WebSocket may meet. */
const CODES = new Set([
  "BAD_MESSAGE",
  "ID_IN_USE",
  "SUBJECT_NOT_ALLOWED",
  "SUBJECT_SPANS_STREAMS",
  "STREAM_RESET",
  "TOO_MANY_SUBSCRIPTIONS",
  "PAYLOAD_INVALID",
  "TOO_LARGE",
  "RATE_LIMITED",
  "UNAVAILABLE",
]);
const TOO_LARGE = new Set(["FRAME_TOO_LARGE", "PAYLOAD_TOO_LARGE", "TOO_MANY_PIXELS"]);
const NOT_ALLOWED = new Set(["FORBIDDEN", "UNKNOWN_CAMERA"]);

/** An error as the WebSocket tells it: one of the codes above, whatever went wrong. Bugs are not described. */
export function toldError(thrown: unknown): { code: string; message: string } {
  const { code, message, retry } = describeError(thrown);
  if (CODES.has(code)) return { code, message };
  if (TOO_LARGE.has(code)) return { code: "TOO_LARGE", message };
  if (NOT_ALLOWED.has(code)) return { code: "SUBJECT_NOT_ALLOWED", message };
  if (retry === "never") return { code: "PAYLOAD_INVALID", message };
  if (retry === "later") return { code: UnavailableError.code, message };
  return { code: UnavailableError.code, message: "Cannot do this now as something went wrong inside" };
}
