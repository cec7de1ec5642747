import { expect, test } from "vitest";
import { EngineBusyError } from "./errors.ts";
import { plainWords, runError } from "./run-error.ts";

test("plainWords() leaves out what databases do not take, and is bounded", () => {
  expect(plainWords("a\u0000b\ud800")).toBe("ab\ufffd");
  expect(plainWords("x".repeat(100_000))).toHaveLength(8_192);
});

test("runError() says whether trying again can help; nobody knows that of a bug", () => {
  expect(runError(new EngineBusyError("Too many"))).toEqual({
    code: "ENGINE_BUSY",
    message: "Too many",
    retryable: true,
  });
  expect(runError(new TypeError("x is null"))).toEqual({ code: "INTERNAL", message: "x is null", retryable: true });
});
