import type { Told } from "../http/answer-error.ts";

/** `{ error: { message, type, param, code } }` */
export interface OpenAiError {
  error: { message: string; type: string; param: string | null; code: string };
}

/** What OpenAI calls the errors that its clients look for. */
const NAMES: Record<string, { type?: string; code: string }> = {
  UNAUTHORIZED: { code: "invalid_api_key" },
  RATE_LIMITED: { type: "requests", code: "rate_limit_exceeded" },
  BUDGET_SPENT: { type: "insufficient_quota", code: "insufficient_quota" },
  MODEL_NOT_FOUND: { code: "model_not_found" },
};

/** An error in OpenAI's form; our codes in lower case where OpenAI has none. */
export function openAiError({ status, code, message, details }: Told): OpenAiError {
  const { type = status < 500 ? "invalid_request_error" : "server_error", code: name = code.toLowerCase() } =
    NAMES[code] ?? {};
  const param = typeof details?.path === "string" && details.path !== "" ? details.path : null;
  return { error: { message, type, param, code: name } };
}
