import { defineError } from "@gatehouse/errors";

/** The body is neither MessagePack nor JSON nor, on a frame's subject, a picture. */
export const UndecodableError = defineError("UNDECODABLE", "never");
/** A field is missing or wrong: the message names its path, the value seen and the value wanted. */
export const SchemaViolationError = defineError("SCHEMA_VIOLATION", "never");
/** An id in the body differs from the one in the subject. */
export const IdMismatchError = defineError("ID_MISMATCH", "never");
/** The subject does not fit the event's pattern, or an id in it has a character that is not allowed. */
export const BadSubjectError = defineError("BAD_SUBJECT", "never");
