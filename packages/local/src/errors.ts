import { defineError } from "@gatehouse/errors";

/** Another `gatehouse up` lives in this home folder. */
export const HomeInUseError = defineError("HOME_IN_USE", "never");
/** A program that a backing server needs is not on this machine and no URL says where one runs. */
export const BackingMissingError = defineError("BACKING_MISSING", "never");
/** A URL in the environment cannot be understood. */
export const BackingUrlInvalidError = defineError("BACKING_URL_INVALID", "never");
/** A server that somebody else runs does not answer. */
export const BackingDownError = defineError("BACKING_DOWN", "later");
/** A server that was started here ended or did not answer before it was ready; the message ends with its last log lines. */
export const BackingFailedError = defineError("BACKING_FAILED", "unknown");
/** The disk has less room than the streams may fill. */
export const DiskTooSmallError = defineError("DISK_TOO_SMALL", "never");
