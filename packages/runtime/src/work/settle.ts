import { describeError, GatehouseError } from "@gatehouse/errors";
import type { Verdict } from "../verdict.ts";

/** How a handler ended. */
export type Outcome = { kind: "verdict"; verdict: Verdict } | { kind: "threw"; error: unknown } | { kind: "stopped" };

/** What is known of earlier tries of the same message or row. */
export interface History {
  failures: number;
  laters: number;
  /** How often it was begun alone, on suspicion, and not settled: whoever only waited for its turn is not blamed. */
  alone: number;
  first_refused_at_ms: number | null;
  last_code: string | null;
}

/** The first try. */
export const NO_HISTORY: History = Object.freeze({
  failures: 0,
  laters: 0,
  alone: 0,
  first_refused_at_ms: null,
  last_code: null,
});

export const STOPPED: Outcome = Object.freeze({ kind: "stopped" });

/** The code of what killed its process too often. */
export const HANDLER_DIED = "HANDLER_DIED";
/** What could not be given up comes again after this time. */
export const NOT_BURIED_MS = 1_000;

/** When trying again ends. */
export interface SettleLimits {
  max_failures: number;
  give_up_after_ms: number;
  max_delay_ms: number;
  /** Whether somebody probes this dependency, so that waiting for it ends; an error that names another is about the message. */
  watches(dependency: string): boolean;
}

/** What is done with the message or row, whatever carries it. */
export type Settlement =
  | { kind: "done"; is_removed?: true }
  | { kind: "again"; delay_ms: number; counts: "failure" | "later" | "nothing"; code: string; message: string }
  | { kind: "dead"; code: string; message: string }
  | { kind: "pause"; dependency: string; code: string; message: string };

export const SETTLE_DEFAULTS = Object.freeze({
  max_failures: 5,
  max_delay_ms: 30_000,
  max_crashes: 10,
  alone_after_crashes: 2,
});

/** Between tries after an error, at most. */
const MAX_BACK_OFF_MS = 30_000;

/**
 * The one table that maps outcomes to the wire.
 *
 * | outcome | settlement |
 * |---|---|
 * | `ack`, `removed` | done |
 * | `retry`, or an error `later` about this message | again, counts no failure; dead after `give_up_after_ms` |
 * | error `later` about a dependency | pause, nothing is counted |
 * | error `never` | dead |
 * | any other error | again with back-off; dead after `max_failures` |
 * | stopped by us | again at once, nothing is counted |
 */
export function settle(outcome: Outcome, history: History, limits: SettleLimits, now_ms: number): Settlement {
  if (outcome.kind === "stopped")
    return { kind: "again", delay_ms: 0, counts: "nothing", code: "STOPPED", message: "The service stopped" };
  if (outcome.kind === "threw") return settleError(outcome.error, history, limits, now_ms);
  const verdict: Verdict | undefined = outcome.verdict;
  if (verdict?.kind === "ack") return { kind: "done" };
  if (verdict?.kind === "removed") return { kind: "done", is_removed: true };
  if (verdict?.kind === "retry" && verdict.after_ms >= 0)
    return later(
      { code: "RETRY", message: "The handler asked for another try" },
      verdict.after_ms,
      history,
      limits,
      now_ms,
    );
  const wrong = `Cannot settle as the verdict must be ack, removed or retry: it is ${JSON.stringify(verdict)}`;
  return settleError(new TypeError(wrong), history, limits, now_ms);
}

function settleError(error: unknown, history: History, limits: SettleLimits, now_ms: number): Settlement {
  const { code, message, retry } = describeError(error);
  const known = error instanceof GatehouseError ? error : null;
  if (retry === "never") return { kind: "dead", code, message };
  if (retry === "later" && known?.dependency && limits.watches(known.dependency))
    return { kind: "pause", dependency: known.dependency, code, message };
  if (retry === "later")
    return later({ code, message }, known?.retry_after_ms ?? backOff(history.laters, 500), history, limits, now_ms);
  if (history.failures + 1 >= limits.max_failures) return { kind: "dead", code, message };
  return { kind: "again", delay_ms: backOff(history.failures, 1_000), counts: "failure", code, message };
}

function later(
  why: { code: string; message: string },
  delay_ms: number,
  history: History,
  limits: SettleLimits,
  now_ms: number,
): Settlement {
  const since_ms = now_ms - (history.first_refused_at_ms ?? now_ms);
  if (since_ms >= limits.give_up_after_ms) return { kind: "dead", ...why };
  return { kind: "again", delay_ms: Math.min(delay_ms, limits.max_delay_ms), counts: "later", ...why };
}

const backOff = (tries: number, first_ms: number): number =>
  Math.min(first_ms * 2 ** Math.min(tries, 16), MAX_BACK_OFF_MS);
