import { describeError } from "@gatehouse/errors";
import type { AnswerError } from "@gatehouse/store";

/** What went wrong with an answer, as its reader is told: text that databases and readers take, whoever worded it. */
export function answerError(thrown: unknown): AnswerError {
  const { code, message, retry } = describeError(thrown);
  return { code, message: message.replaceAll("\u0000", "").toWellFormed(), retryable: retry !== "never" };
}
