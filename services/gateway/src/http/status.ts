import type { Retry } from "@gatehouse/errors";

const STATUS: Record<string, number> = {
  BAD_REQUEST: 400,
  BAD_CAMERA_ID: 400,
  BAD_CURSOR: 400,
  BAD_MEDIA_KEY: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  FOREIGN_HOST: 403,
  NOT_FOUND: 404,
  UNKNOWN_CAMERA: 404,
  FRAME_ID_REUSED: 409,
  NOT_REDRIVABLE: 409,
  FRAME_TOO_LARGE: 413,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA: 415,
  NOT_AN_IMAGE: 422,
  TRUNCATED: 422,
  TOO_MANY_PIXELS: 422,
  RATE_LIMITED: 429,
  PAYLOAD_INVALID: 400,
  REQUEST_ID_TAKEN: 409,
  REQUEST_ID_REUSED: 409,
  UNKNOWN_PIPELINE: 404,
  BAD_PARAMETERS: 400,
  NOT_RETRYABLE: 409,
  UNKNOWN_COLLECTION: 404,
  SCHEMA_VIOLATION: 400,
  MODEL_NOT_FOUND: 404,
  MODEL_REFUSED: 400,
  MODEL_ANSWER: 502,
  MODEL_TIMEOUT: 504,
  BUDGET_SPENT: 429,
};

/** The HTTP status of an error code. What may help to try again is 503, what is not known is a bug. */
export function statusOf(code: string, retry: Retry): number {
  return STATUS[code] ?? (retry === "later" ? 503 : 500);
}
