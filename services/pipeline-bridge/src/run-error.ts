import { describeError } from "@gatehouse/errors";
import type { RunError } from "@gatehouse/store";

/** What went wrong with a run, as people are told it. */
export function runError(thrown: unknown): RunError {
  const { code, message, retry } = describeError(thrown);
  return { code, message: message.replaceAll("\u0000", "").toWellFormed(), retryable: retry !== "never" };
}
