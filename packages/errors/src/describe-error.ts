import { GatehouseError, type Retry } from "./gatehouse-error.ts";

/** An error as a log line, a dead letter or an HTTP answer shows it. */
export interface ErrorSummary {
  code: string;
  message: string;
  retry: Retry;
}

/** Sums up anything that was thrown. What is not a `GatehouseError` is a bug: code `INTERNAL`, retry `unknown`. */
export function describeError(thrown: unknown): ErrorSummary {
  if (thrown instanceof GatehouseError) return { code: thrown.code, message: thrown.message, retry: thrown.retry };
  return { code: "INTERNAL", message: thrown instanceof Error ? thrown.message : String(thrown), retry: "unknown" };
}
