import { once } from "node:events";
import { describeError } from "@gatehouse/errors";
import { HandlingTimeoutError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Verdict } from "../verdict.ts";
import type { Outcome } from "./settle.ts";

export interface HandlerRun {
  max_handling_ms: number;
  /** Aborted when the service gives up waiting for its handlers. */
  stop: AbortSignal;
  log: Log;
}

const GRACE_MS = 5_000;

/**
 * Runs one handler to its end. After `max_handling_ms`, or when the service stops, its signal aborts;
 * a handler that does not listen is left behind after 5 s, and told.
 */
export async function runHandler(
  handle: (signal: AbortSignal) => Promise<Verdict>,
  { max_handling_ms, stop, log }: HandlerRun,
): Promise<Outcome> {
  const timeout = new AbortController();
  const timer = setTimeout(
    () => timeout.abort(new HandlingTimeoutError(`Cannot finish as handling must take at most ${max_handling_ms} ms`)),
    max_handling_ms,
  );
  const signal = AbortSignal.any([stop, timeout.signal]);
  const finished = new AbortController();
  const work: Promise<Outcome> = handle(signal).then(
    (verdict) => ({ kind: "verdict", verdict }),
    (error: unknown) => ({ kind: "threw", error }),
  );
  try {
    const outcome = await Promise.race([work, overdue(signal, finished.signal)]);
    if (outcome?.kind === "verdict") return outcome;
    if (!outcome) log.error({ max_handling_ms }, "handler left behind as it does not listen to its signal");
    if (timeout.signal.aborted) return { kind: "threw", error: withCause(timeout.signal.reason, outcome) };
    return stop.aborted || !outcome ? { kind: "stopped" } : outcome;
  } finally {
    clearTimeout(timer);
    finished.abort();
  }
}

/** Resolves 5 s after the signal aborts, unless the handler finished. */
async function overdue(signal: AbortSignal, finished: AbortSignal): Promise<null> {
  if (!signal.aborted) await once(signal, "abort", { signal: finished }).catch(() => {});
  if (!finished.aborted) await once(AbortSignal.any([finished, AbortSignal.timeout(GRACE_MS)]), "abort");
  return null;
}

function withCause(reason: Error, outcome: Outcome | null): Error {
  if (outcome?.kind !== "threw") return reason;
  return new HandlingTimeoutError(`${reason.message}: ${describeError(outcome.error).message}`, {
    cause: outcome.error,
  });
}
