import { defineError } from "@gatehouse/errors";

/** The port is another program's. */
export const PortTakenError = defineError("PORT_TAKEN", "never");
/** No key, or one that is unknown or revoked. */
export const UnauthorizedError = defineError("UNAUTHORIZED", "never");
/** The key may not do this. */
export const ForbiddenError = defineError("FORBIDDEN", "never");
/** The request says that it comes for another host, or from another site. */
export const ForeignHostError = defineError("FOREIGN_HOST", "never");
/** There is no such thing. */
export const NotFoundError = defineError("NOT_FOUND", "never");
/** There is no model of this id. */
export const ModelNotFoundError = defineError("MODEL_NOT_FOUND", "never");
/** A field of the request is missing or has a wrong shape. */
export const BadRequestError = defineError("BAD_REQUEST", "never");
/** A camera id that is not one. */
export const BadCameraIdError = defineError("BAD_CAMERA_ID", "never");
/** A picture came for a camera that is not known, and cameras are not created by their first picture. */
export const UnknownCameraError = defineError("UNKNOWN_CAMERA", "never");
/** The same frame id with another picture. */
export const FrameIdReusedError = defineError("FRAME_ID_REUSED", "never");
/** The request_id is another user's. */
export const RequestIdTakenError = defineError("REQUEST_ID_TAKEN", "never");
/** The request_id is that of a run of another pipeline, or with other parameters. */
export const RequestIdReusedError = defineError("REQUEST_ID_REUSED", "never");
/** There is no pipeline of that name, or a setting is missing that it needs. */
export const UnknownPipelineError = defineError("UNKNOWN_PIPELINE", "never");
/** The parameters of a run break the schema of its pipeline. */
export const BadParametersError = defineError("BAD_PARAMETERS", "never");
/** An answer or a run that did not fail, or that asking again cannot help. */
export const NotRetryableError = defineError("NOT_RETRYABLE", "never");
/** No document was ever put into the collection. */
export const UnknownCollectionError = defineError("UNKNOWN_COLLECTION", "never");
/** Too many requests. */
export const RateLimitedError = defineError("RATE_LIMITED", "later");
/** Too many pictures are being received at once. */
export const UploadsBusyError = defineError("UPLOADS_BUSY", "later");
/** A dead letter that cannot be driven again. */
export const NotRedrivableError = defineError("NOT_REDRIVABLE", "never");
/** What a client sent on the WebSocket is no request, or not one that can be met. */
export const BadMessageError = defineError("BAD_MESSAGE", "never");
/** A subscription of this id is open on the connection. */
export const IdInUseError = defineError("ID_IN_USE", "never");
/** The key may not follow or publish this subject. */
export const SubjectNotAllowedError = defineError("SUBJECT_NOT_ALLOWED", "never");
/** A subject filter that does not lie in one stream. */
export const SubjectSpansStreamsError = defineError("SUBJECT_SPANS_STREAMS", "never");
/** The stream is not the one that the client's sequence belongs to. */
export const StreamWasResetError = defineError("STREAM_RESET", "never");
/** The connection has as many subscriptions as it may. */
export const TooManySubscriptionsError = defineError("TOO_MANY_SUBSCRIPTIONS", "never");
/** What is to be published does not fit its subject. */
export const PayloadInvalidError = defineError("PAYLOAD_INVALID", "never");
/** What is to be published is too large. */
export const TooLargeError = defineError("TOO_LARGE", "never");
/** The broker or the database cannot be asked now. */
export const UnavailableError = defineError("UNAVAILABLE", "later");
