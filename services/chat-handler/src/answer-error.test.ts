import { expect, test } from "vitest";
import { answerError } from "./answer-error.ts";
import { AnswerFailedError } from "./errors.ts";

test("answerError() has words that databases and readers take, whoever worded them", () => {
  const told = { code: "ANSWER_FAILED", message: "Cannot say \ufffd", retryable: true };
  expect(answerError(new AnswerFailedError("Cannot \u0000say \ud83d"))).toEqual(told);
});
