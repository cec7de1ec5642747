import { describeError, GatehouseError } from "@gatehouse/errors";
import type { Log } from "@gatehouse/runtime";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { BadRequestError } from "../errors.ts";
import { statusOf } from "./status.ts";

/** `{ error: { code, message, retryable, details? } }` */
export interface ErrorBody {
  error: { code: string; message: string; retryable: boolean; details?: Record<string, unknown> };
}

/** What is told of an error, in whichever form. */
export interface Told {
  status: number;
  code: string;
  message: string;
  retry_after_ms: number | null;
  details?: Record<string, unknown>;
}

const WAIT_MS = 1_000;
/** What Fastify itself refuses, in our words. */
const FASTIFY: Record<string, { status: number; code: string }> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { status: 415, code: "UNSUPPORTED_MEDIA" },
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, code: "BODY_TOO_LARGE" },
};

/** Answers an error in the one shape; bugs are logged and not described. */
export function answerError(thrown: FastifyError, request: FastifyRequest, reply: FastifyReply, log: Log): void {
  const told = tell(thrown, request);
  tellLog(thrown, told, { request, log });
  void tellWith(reply, told).send(errorBody(told.code, told.message, isRetryable(told), told.details));
}

/** Logs a bug. */
export function tellLog(
  thrown: Error,
  { status }: Told,
  { request, log }: { request: FastifyRequest; log: Log },
): void {
  if (status !== 500) return;
  log.error({ route: request.routeOptions.url ?? "", reason: thrown.stack ?? thrown.message }, "request failed");
}

/** Sets the status and the headers that belong to it. */
export function tellWith(reply: FastifyReply, told: Told): FastifyReply {
  if (isRetryable(told)) reply.header("retry-after", Math.max(1, Math.ceil((told.retry_after_ms ?? WAIT_MS) / 1_000)));
  if (told.code === "RATE_LIMITED")
    for (const [name, fact] of Object.entries({ limit: "limit", remaining: "remaining", reset: "reset_s" }))
      reply.header(`x-ratelimit-${name}`, told.details?.[fact]);
  if (told.status === 401) reply.header("www-authenticate", "Bearer");
  return reply.code(told.status);
}

const RETRYABLE = new Set([429, 502, 503, 504]);
const isRetryable = ({ status }: Told): boolean => RETRYABLE.has(status);

export function errorBody(
  code: string,
  message: string,
  retryable: boolean,
  details?: Record<string, unknown>,
): ErrorBody {
  return { error: { code, message, retryable, ...(details ? { details } : {}) } };
}

/** What is told of anything that was thrown: of bugs nothing. */
export function tell(thrown: FastifyError, request: FastifyRequest): Told {
  if (thrown instanceof GatehouseError) return tellOwn(thrown);
  const { message } = thrown;
  const known = FASTIFY[thrown.code];
  if (known) {
    const is_picture = request.routeOptions.config?.limit === "frames";
    const code = known.status === 413 && is_picture ? "FRAME_TOO_LARGE" : known.code;
    const words = known.status === 415 ? wantedType(request) : mostBytes(request);
    return { status: known.status, code, message: words, retry_after_ms: null };
  }
  if (thrown.validation) {
    const [first] = thrown.validation;
    const path = [thrown.validationContext, ...(first?.instancePath.split("/").slice(1) ?? [])].join(".");
    const words = `Cannot read the request as ${path} ${first?.message ?? "does not fit"}`;
    return { status: 400, code: BadRequestError.code, message: words, retry_after_ms: null, details: { path } };
  }
  const status = thrown.statusCode ?? 500;
  if (status >= 400 && status < 500)
    return { status, code: BadRequestError.code, message: `Cannot read the request: ${message}`, retry_after_ms: null };
  const hidden = "Cannot answer as something went wrong inside";
  return { status: 500, code: "INTERNAL", message: hidden, retry_after_ms: null };
}

function mostBytes({ routeOptions, headers }: FastifyRequest): string {
  const current = headers["content-length"] === undefined ? "" : `: current length is ${headers["content-length"]}`;
  return `Cannot read the body as it must be at most ${routeOptions.bodyLimit} bytes${current}`;
}

function wantedType({ headers, routeOptions }: FastifyRequest): string {
  const { consumes = ["application/json"] } = (routeOptions.schema ?? {}) as { consumes?: readonly string[] };
  const seen = JSON.stringify((headers["content-type"] ?? "").slice(0, 80));
  return `Cannot read the body as content-type must be ${consumes.join(" or ")}: current value is ${seen}`;
}

/** A stream that is missing is the same to a client as a broker that is away. */
function tellOwn(error: GatehouseError): Told {
  const { message, retry } = describeError(error);
  const code = error.code === "NO_STREAM" ? "BUS_UNAVAILABLE" : error.code;
  const details = Object.keys(error.facts).length > 0 ? { details: { ...error.facts } } : {};
  return { status: statusOf(code, retry), code, message, retry_after_ms: error.retry_after_ms, ...details };
}
