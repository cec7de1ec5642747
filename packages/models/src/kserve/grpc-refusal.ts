import type { ErrorClass, GatehouseError } from "@gatehouse/errors";
import { type ServiceError, status } from "@grpc/grpc-js";
import type { Callee, Fault } from "../calling/faults.ts";
import { serverWords } from "../calling/server-words.ts";
import { ModelAnswerError, ModelBusyError, ModelRefusedError } from "../errors.ts";

/** Which error a gRPC status stands for, as HTTP's statuses do. A call that was cancelled, and not by us, lost its connection. */
function classOf(code: status, { Down, Auth }: Callee): ErrorClass {
  switch (code) {
    case status.INVALID_ARGUMENT:
    case status.OUT_OF_RANGE:
      return ModelRefusedError;
    case status.RESOURCE_EXHAUSTED:
      return ModelBusyError;
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
      return Auth;
    case status.UNAVAILABLE:
    case status.NOT_FOUND:
    case status.UNIMPLEMENTED:
    case status.CANCELLED:
      return Down;
    default:
      return ModelAnswerError;
  }
}

/** How a call failed. */
export interface GrpcFailure {
  error: ServiceError;
  /** Whether its answer had begun. */
  begun: boolean;
}

/**
 * Makes the error that a failed call stands for. An answer that began and then exhausts something is one that is larger than a message may be: gRPC has one code for both.
 */
export function grpcRefusal(
  { error, begun }: GrpcFailure,
  {
    callee,
    fault,
    secret,
    message_bytes,
  }: { callee: Callee; fault: Fault; secret: string | null; message_bytes: number },
): GatehouseError {
  const name = status[error.code] ?? String(error.code);
  if (begun && error.code === status.RESOURCE_EXHAUSTED)
    return fault(ModelAnswerError, `the answer must be at most ${message_bytes} bytes: it is longer`);
  const Class = classOf(error.code, callee);
  const words = Class === callee.Auth ? "" : serverWords(hidden(error.details, secret));
  const retry_after_ms = pushbackMs(error);
  return fault(Class, `the status must be OK: current value is ${name}${words ? ` "${words}"` : ""}`, {
    facts: { status: name },
    ...(retry_after_ms === null ? {} : { retry_after_ms }),
  });
}

const hidden = (text: string, secret: string | null): string =>
  secret === null ? text : text.replaceAll(secret, "***");

/** How long a server asks to wait (gRPC's retry design, A6). */
function pushbackMs({ metadata }: ServiceError): number | null {
  const [text] = metadata.get("grpc-retry-pushback-ms");
  const ms = typeof text === "string" && text !== "" ? Number(text) : Number.NaN;
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}
