import { defineError } from "@gatehouse/errors";

/** The message has no words in it. */
export const MessageEmptyError = defineError("MESSAGE_EMPTY", "never");
/** The message is longer than 32,000 characters. */
export const MessageTooLongError = defineError("MESSAGE_TOO_LONG", "never");
/** `top_k` is outside 1..100. */
export const BadTopKError = defineError("BAD_TOP_K", "never");
/** The session belongs to another user, and not to this one. */
export const SessionNotYoursError = defineError("SESSION_NOT_YOURS", "never");
/** No document was ever put into the collection. */
export const UnknownCollectionError = defineError("UNKNOWN_COLLECTION", "never");
/** The request_id is another user's: nothing is written to its stream. */
export const RequestIdTakenError = defineError("REQUEST_ID_TAKEN", "never");
/** A cancel names an answer that there is not. */
export const UnknownRequestError = defineError("UNKNOWN_REQUEST", "never");
/** The asker no longer wants the answer. */
export const CancelledError = defineError("CANCELLED", "never");
/** The answer was begun again and again, and nobody got any further with it. */
export const AnswerFailedError = defineError("ANSWER_FAILED", "later");
/** The model ended its answer without a word. */
export const ModelSaidNothingError = defineError("MODEL_SAID_NOTHING", "later");
/** Another process has the answer now: this one writes nothing more. */
export const AnswerTakenError = defineError("ANSWER_TAKEN", "later");
