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
/** There is no pipeline of that name, or a setting is missing. */
export const UnknownPipelineError = defineError("UNKNOWN_PIPELINE", "never");
/** The parameters break the pipeline's schema, are too large, or nothing that JSON has. */
export const BadParametersError = defineError("BAD_PARAMETERS", "never");
/** The request_id is that of another run. */
export const RequestIdReusedError = defineError("REQUEST_ID_REUSED", "never");
/** A cancel names a run that there is not. */
export const UnknownRequestError = defineError("UNKNOWN_REQUEST", "never");
/** The pipeline failed. */
export const RunFailedError = defineError("RUN_FAILED", "later");
/** The engine could not run it. */
export const RunBrokenError = defineError("RUN_BROKEN", "later");
/** The run took longer than its pipeline may. */
export const RunTimeoutError = defineError("RUN_TIMEOUT", "later");
/** The engine had the run, and does not know it any more. */
export const RunVanishedError = defineError("RUN_VANISHED", "later");
