import { GatehouseError } from "@gatehouse/errors";
import { DelegateBackoff, handleWhen, type RetryPolicy, retry } from "cockatiel";
import type { Calling } from "./calling.ts";

/**
 * Tries again what may succeed: no connection, a socket closed before the answer began, 429 and 503, and gRPC's words for them.
 * Waits from `first_delay_ms` on, doubled each time, half of it by chance; or as long as the server asked for.
 */
export function retryPolicy({ tries, first_delay_ms, most_delay_ms }: Calling): RetryPolicy {
  return retry(
    handleWhen((error) => mayPass(error, most_delay_ms)),
    {
      maxAttempts: tries - 1,
      backoff: new DelegateBackoff(({ attempt, result }) => {
        const delay_ms = Math.min(first_delay_ms * 2 ** (attempt - 1), most_delay_ms);
        return Math.max(delay_ms * (0.5 + Math.random() / 2), askedForMs(result));
      }),
    },
  );
}

/** Statuses of HTTP and gRPC after which the same call may succeed. */
const PASSING: ReadonlySet<unknown> = new Set([429, 503, "UNAVAILABLE", "CANCELLED", "RESOURCE_EXHAUSTED"]);

function mayPass(error: unknown, most_delay_ms: number): boolean {
  if (!(error instanceof GatehouseError) || error.retry !== "later") return false;
  if ((error.retry_after_ms ?? 0) > most_delay_ms) return false;
  const { status, socket } = error.facts;
  return PASSING.has(status) || typeof socket === "string";
}

const askedForMs = (result: object): number =>
  "error" in result && result.error instanceof GatehouseError ? (result.error.retry_after_ms ?? 0) : 0;

/** What a server asks for in `Retry-After`, seconds or a date, in milliseconds from now. */
export function retryAfterMs(header: string | string[] | undefined): number | null {
  const text = Array.isArray(header) ? header[0] : header;
  if (!text) return null;
  const ms = /^\s*\d+\s*$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** Waits for `opening` or for the caller to give up; what opens after that is handed to `discard`. */
export async function untilAborted<T>(
  opening: Promise<T>,
  { signal, discard }: { signal: AbortSignal; discard: (late: T) => void },
): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const giveUp = () => {
    aborted.reject(signal.reason);
    opening.then(discard, () => {});
  };
  if (signal.aborted) giveUp();
  else signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([opening, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
