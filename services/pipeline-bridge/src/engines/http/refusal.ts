import type { GatehouseError } from "@gatehouse/errors";
import { retryAfterMs } from "@gatehouse/models";
import {
  EngineAwayError,
  EngineBusyError,
  EngineInDoubtError,
  EngineRefusedError,
  EngineUnauthorizedError,
} from "../../errors.ts";
import type { EngineFault } from "./engine-fault.ts";
import { isUnknownThere, type Said } from "./read-answer.ts";

/** An answer that is not 2xx. */
export interface Refusal {
  status: number;
  said: Said;
  retry_after: string | string[] | undefined;
  /** Whether the request would have changed something. */
  changes: boolean;
  /** Whether a 503 says that nothing was applied. */
  is_503_sure: boolean;
  fault: EngineFault;
}

/** How long an engine that says 429 without `Retry-After` is left alone. */
const BUSY_MS = 1_000;
/** Whoever says to come back later than this is asked earlier. */
const LONGEST_MS = 3_600_000;

/** The error that a status stands for. */
export function refusalError(refusal: Refusal): GatehouseError {
  const { status, retry_after, changes, is_503_sure, fault } = refusal;
  const { words } = refusal.said;
  const asked_ms = leastOf(retryAfterMs(retry_after), LONGEST_MS);
  const said = `${status}${words === "" ? "" : ` "${words}"`}`;
  const facts = { status };
  if (status === 401 || status === 403 || (status >= 300 && status < 400))
    return fault(EngineUnauthorizedError, unauthorized(status), { facts });
  if (status === 429)
    return fault(EngineBusyError, `it must have room for the request: current answer is ${said}`, {
      facts,
      retry_after_ms: asked_ms ?? BUSY_MS,
    });
  if (status === 404 && !isUnknownThere(refusal))
    return fault(EngineAwayError, `it must answer itself: the answer is ${said}, as of a proxy before it`, { facts });
  if (status < 500 && status !== 408)
    return fault(EngineRefusedError, `it must take the request: current answer is ${said}`, { facts });
  const later = asked_ms === null ? { facts } : { facts, retry_after_ms: asked_ms };
  if (!changes || (status === 503 && is_503_sure))
    return fault(EngineAwayError, `it must be able to answer: current answer is ${said}`, later);
  return fault(EngineInDoubtError, `it must say whether it was done: current answer is ${said}`, later);
}

const leastOf = (asked_ms: number | null, most_ms: number): number | null =>
  asked_ms === null ? null : Math.min(asked_ms, most_ms);

/** An engine's words about a token are left out: they may hold it. */
const unauthorized = (status: number): string => {
  if (status === 401)
    return "it must know our token: the answer is 401, look at the token file, which is read again for each request when it changed";
  if (status === 403)
    return "our token must have the right to do this: the answer is 403, look at the rights of the account that the token file is of";
  return `it must answer itself: the answer is the redirect ${status}, as to a login page; look at the url and at the token file`;
};
