import { defineError } from "@gatehouse/errors";

// None of these is a dependency's: an engine that is away must not hold up the others.

/** The request was surely not applied: no connection, a certificate that does not verify, an engine that is not ready. */
export const EngineAwayError = defineError("ENGINE_AWAY", "later");
/** The request was sent, and nobody knows whether it was applied: cut off, too late, 500, 502, 504. */
export const EngineInDoubtError = defineError("ENGINE_IN_DOUBT", "later");
/** 429: not before `retry_after_ms`. */
export const EngineBusyError = defineError("ENGINE_BUSY", "later");
/** 401, 403, a redirect to a login page, a token file that cannot be used. */
export const EngineUnauthorizedError = defineError("ENGINE_UNAUTHORIZED", "never");
/** Any other 4xx: no such template, a parameter that it does not take. */
export const EngineRefusedError = defineError("ENGINE_REFUSED", "never");
/** The answer is not what the engine's published interface says; whether a change was applied is not known. */
export const EngineAnswerError = defineError("ENGINE_ANSWER_MALFORMED", "later");
/** The engine does not know the run. */
export const RunGoneError = defineError("RUN_GONE", "never");
/** A run of that name is there, and it is not ours. */
export const RunNameTakenError = defineError("RUN_NAME_TAKEN", "never");
/** What document-ingestion is to take in is not there, not in the folder of documents, or too much. */
export const PathRefusedError = defineError("PATH_REFUSED", "never");
/** A document cannot be read, is too large, or changes all the time. */
export const FileUnreadableError = defineError("FILE_UNREADABLE", "never");
