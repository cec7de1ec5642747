import type { ErrorClass, GatehouseError } from "@gatehouse/errors";
import type { Dispatcher } from "undici";
import { ModelAnswerError, ModelBusyError, ModelRefusedError } from "../errors.ts";
import type { Callee, Fault } from "./faults.ts";
import { retryAfterMs } from "./retrying.ts";
import { serverWords } from "./server-words.ts";

/** As much of an error's body as is read, in bytes. */
const MOST_BODY = 64 * 1024;

/** Which error a status that is not 2xx stands for. */
function classOf(status: number, { Down, Auth }: Callee): ErrorClass {
  if (status === 401 || status === 403) return Auth;
  if (status === 400 || status === 413 || status === 415 || status === 422) return ModelRefusedError;
  if (status === 429) return ModelBusyError;
  if (status === 404 || (status >= 300 && status < 400)) return Down;
  if (status === 502 || status === 503 || status === 504) return Down;
  return ModelAnswerError;
}

/** Reads a refusal and makes the error it stands for. What a server says of our key is left out. */
export async function refusalOf(
  response: Dispatcher.ResponseData,
  { callee, fault, secret }: { callee: Callee; fault: Fault; secret: string | null },
): Promise<GatehouseError> {
  const status = response.statusCode;
  const Class = classOf(status, callee);
  const body = await beginningOf(response);
  const words = Class === callee.Auth ? "" : serverWords(secret === null ? body : body.replaceAll(secret, "***"));
  const retry_after_ms = retryAfterMs(response.headers["retry-after"]);
  return fault(Class, `the status must be 200: current value is ${status}${words ? ` "${words}"` : ""}`, {
    facts: { status },
    ...(retry_after_ms === null ? {} : { retry_after_ms }),
  });
}

async function beginningOf({ body }: Dispatcher.ResponseData): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      parts.push(chunk);
      bytes += chunk.length;
      if (bytes > MOST_BODY) break;
    }
  } catch {
    // The status says enough: what is missing is the explanation only.
  }
  return Buffer.concat(parts).subarray(0, MOST_BODY).toString("utf8");
}
