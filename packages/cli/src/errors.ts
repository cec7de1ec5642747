import { defineError } from "@gatehouse/errors";

/** No Gatehouse runs where it was looked for. */
export const NotRunningError = defineError("NOT_RUNNING", "later");
/** What was typed cannot be understood; the command ends with 2. */
export const UsageError = defineError("USAGE", "never");
/** The gateway's port belongs to another program. */
export const PortTakenError = defineError("PORT_TAKEN", "never");
/** A part did not start, or not in time. */
export const StartFailedError = defineError("START_FAILED", "unknown");
/** The running Gatehouse did not end in time. */
export const StillRunningError = defineError("STILL_RUNNING", "unknown");
/** The gateway does not answer. */
export const GatewayDownError = defineError("GATEWAY_DOWN", "later");
/** The gateway answered with an error; its code and sentence are in the message. */
export const GatewayRefusedError = defineError("GATEWAY_REFUSED", "unknown");
/** A file that was named is not there or cannot be read. */
export const UnreadableFileError = defineError("UNREADABLE_FILE", "never");
/** Nobody answers a question, or not in time. */
export const NoAnswerError = defineError("NO_ANSWER", "later");
