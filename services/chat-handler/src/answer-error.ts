import { describeError } from "@gatehouse/errors";
import type { AnswerError } from "@gatehouse/store";

/** What went wrong with an answer, as its reader is told. */
export function answerError(thrown: unknown): AnswerError {
  const { code, message, retry } = describeError(thrown);
  return { code, message, retryable: retry !== "never" };
}
