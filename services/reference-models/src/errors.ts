import { defineError } from "@gatehouse/errors";

/** The bytes are no picture, or only a part of one. */
export const NotAnImageError = defineError("NOT_AN_IMAGE", "never");
/** More than 50 megapixels, seen in the header. */
export const TooManyPixelsError = defineError("TOO_MANY_PIXELS", "never");
/** The body is larger than the door takes. */
export const BodyTooLargeError = defineError("BODY_TOO_LARGE", "never");
/** The request has no picture in it. */
export const ImageMissingError = defineError("IMAGE_MISSING", "never");
/** Neither multipart nor an image. */
export const UnsupportedMediaError = defineError("UNSUPPORTED_MEDIA", "never");
/** A field of the request is missing or has a wrong shape. */
export const BadRequestError = defineError("BAD_REQUEST", "never");
/** A failure switch made this answer fail. */
export const SwitchedFailureError = defineError("SWITCHED_FAILURE", "later");
/** A failure switch says that the card is out of memory. */
export const OutOfMemoryError = defineError("OUT_OF_MEMORY", "later");
/** No model of that name, or not in that version. */
export const ModelMissingError = defineError("MODEL_MISSING", "never");
/** The model is not loaded. */
export const ModelNotReadyError = defineError("MODEL_NOT_READY", "later");
/** The model could not be loaded. */
export const ModelLoadError = defineError("MODEL_LOAD", "later");
/** A program that does the work is not installed. */
export const ProgramMissingError = defineError("PROGRAM_MISSING", "later");
/** A program that does the work ended with an error, took too long or wrote too much. */
export const ProgramFailedError = defineError("PROGRAM_FAILED", "unknown");
/** As many programs run as may. */
export const BusyError = defineError("BUSY", "later");
