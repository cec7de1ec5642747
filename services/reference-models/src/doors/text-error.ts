import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { wireError } from "./answer-error.ts";

/** Errors as OpenAI has them under `/v1`, elsewhere as Text Embeddings Inference has them. */
export function answerTextError(error: FastifyError | Error, { url }: FastifyRequest, reply: FastifyReply): void {
  const { status, code, message, param } = wireError(error);
  const type = status < 500 ? "invalid_request_error" : "server_error";
  const body = url.startsWith("/v1/")
    ? { error: { message, type, param, code: code.toLowerCase() } }
    : { error: message, error_type: status < 500 ? "Validation" : "Backend" };
  void reply.code(status).send(body);
}
