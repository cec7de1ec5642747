import { describeError, GatehouseError } from "@gatehouse/errors";
import type { FastifyError, FastifyReply } from "fastify";

const statuses: Record<string, number> = {
  NOT_AN_IMAGE: 422,
  TOO_MANY_PIXELS: 422,
  BODY_TOO_LARGE: 413,
  IMAGE_MISSING: 400,
  UNSUPPORTED_MEDIA: 415,
  BAD_REQUEST: 400,
  OUT_OF_MEMORY: 503,
  PROGRAM_MISSING: 503,
  BUSY: 429,
  MODEL_MISSING: 404,
  MODEL_NOT_READY: 503,
  MODEL_LOAD: 500,
};

/** What an error is on the wire: status, code, message, and the field it is about. */
export interface WireError {
  status: number;
  code: string;
  message: string;
  param: string | null;
}

/** Turns anything thrown while a request was worked on into what the client is told. */
export function wireError(error: FastifyError | Error): WireError {
  const { code, message } = describeError(error);
  if (error instanceof GatehouseError) {
    const { status, param } = error.facts;
    return {
      status: typeof status === "number" ? status : (statuses[code] ?? 500),
      code,
      message,
      param: typeof param === "string" ? param : null,
    };
  }
  const status = "statusCode" in error ? (error.statusCode ?? 500) : 500;
  const named: Record<number, string> = { 413: "BODY_TOO_LARGE", 415: "UNSUPPORTED_MEDIA" };
  return { status, code: named[status] ?? (status < 500 ? "BAD_REQUEST" : "INTERNAL"), message, param: null };
}

/** Sends the form `{ error: { code, message } }`. */
export function answerError(error: FastifyError | Error, reply: FastifyReply): void {
  const { status, code, message } = wireError(error);
  void reply.code(status).send({ error: { code, message } });
}
