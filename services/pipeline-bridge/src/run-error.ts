import { describeError } from "@gatehouse/errors";
import type { RunError } from "@gatehouse/store";

/** Of what others word. */
const MOST_CHARACTERS = 8_192;

/** Text that databases and readers take, whoever worded it. */
export const plainWords = (text: string): string =>
  text.replaceAll("\u0000", "").slice(0, MOST_CHARACTERS).toWellFormed();

/** What went wrong with a run, as people are told it. */
export function runError(thrown: unknown): RunError {
  const { code, message, retry } = describeError(thrown);
  return { code, message: plainWords(message), retryable: retry !== "never" };
}
