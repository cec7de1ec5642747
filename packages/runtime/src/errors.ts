import { defineError } from "@gatehouse/errors";

/** The broker cannot be reached, elects a leader, or did not answer in time. */
export const BusUnavailableError = defineError("BUS_UNAVAILABLE", "later", { dependency: "broker" });
/** The stream is full and refuses new messages. */
export const StreamFullError = defineError("BACKLOG_FULL", "later");
/** No stream keeps this subject. */
export const NoStreamError = defineError("NO_STREAM", "later", { dependency: "broker" });
/** Another writer published to the subject first. */
export const FencedError = defineError("FENCED", "unknown");
/** The stream was made anew: sequences begin again. */
export const StreamResetError = defineError("STREAM_RESET", "never");
/** A message whose subject no input of the service reads. */
export const NoInputError = defineError("NO_INPUT", "never");
/** A body with its headers is larger than the broker takes. */
export const PayloadTooLargeError = defineError("PAYLOAD_TOO_LARGE", "never");
/** A handler ran longer than its consumer allows. */
export const HandlingTimeoutError = defineError("HANDLING_TIMEOUT", "unknown");
/** The configuration has faults: all of them are in the message. */
export const ConfigError = defineError("CONFIG_INVALID", "never");
/** A change of streams would delete stored messages. */
export const DestructiveChangeError = defineError("DESTRUCTIVE_CHANGE", "never");
