import type { ErrorClass, GatehouseError } from "@gatehouse/errors";
import { type Metadata, status as Status } from "@grpc/grpc-js";
import type { Callee, Fault } from "../calling/faults.ts";
import { serverWords } from "../calling/server-words.ts";
import { ModelAnswerError, ModelBusyError, ModelRefusedError } from "../errors.ts";
import type { UnaryEnd } from "./unary-call.ts";

/** Which error a gRPC status stands for, as HTTP's statuses do. A call that was cancelled, and not by us, lost its connection. */
function classOf(code: Status, { Down, Auth }: Callee): ErrorClass {
  switch (code) {
    case Status.INVALID_ARGUMENT:
    case Status.OUT_OF_RANGE:
      return ModelRefusedError;
    case Status.RESOURCE_EXHAUSTED:
      return ModelBusyError;
    case Status.UNAUTHENTICATED:
    case Status.PERMISSION_DENIED:
      return Auth;
    case Status.UNAVAILABLE:
    case Status.NOT_FOUND:
    case Status.UNIMPLEMENTED:
    case Status.CANCELLED:
      return Down;
    default:
      return ModelAnswerError;
  }
}

/** What an error is made from. */
interface RefusalParts {
  callee: Callee;
  fault: Fault;
  /** Left out of what the server says. */
  secret: string | null;
  message_bytes: number;
}

/**
 * Makes the error that a call stands for whose status is not OK. An answer that began and then exhausts something is longer
 * than a message may be: gRPC has one code for both.
 */
export function grpcRefusal({ status, begun }: UnaryEnd, parts: RefusalParts): GatehouseError {
  const { callee, fault, secret, message_bytes } = parts;
  const { code, details, metadata } = status;
  if (begun && code === Status.RESOURCE_EXHAUSTED)
    return fault(ModelAnswerError, `the answer must be at most ${message_bytes} bytes: it is longer`);
  const name = Status[code] ?? String(code);
  const Class = classOf(code, callee);
  const words = Class === callee.Auth ? "" : serverWords(secret === null ? details : details.replaceAll(secret, "***"));
  const retry_after_ms = pushbackMs(metadata);
  return fault(Class, `the status must be OK: current value is ${name}${words ? ` "${words}"` : ""}`, {
    facts: { status: name },
    ...(retry_after_ms === null ? {} : { retry_after_ms }),
  });
}

/** How long a server asks to wait (gRPC's retry design, A6). */
function pushbackMs(metadata: Metadata): number | null {
  const [text] = metadata.get("grpc-retry-pushback-ms");
  const ms = typeof text === "string" && text !== "" ? Number(text) : Number.NaN;
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}
