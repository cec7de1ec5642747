/** Whether trying again can help: `later` (busy, timeout, down), `never` (bad input), `unknown` (a bug). */
export type Retry = "later" | "never" | "unknown";

/** What a person or a program may want to know besides the sentence. Never a secret, never what somebody said. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>;

export interface ErrorOptions {
  facts?: Facts;
  cause?: unknown;
  /** With `retry: "later"`: the earliest time at which trying again makes sense, from now. */
  retry_after_ms?: number;
  /** The server that is down, where the class names none. */
  dependency?: string | null;
}

/**
 * The base of every error that this project throws on purpose.
 * The message says the action that failed, the value seen and the value wanted: no period, strings quoted.
 */
export abstract class GatehouseError extends Error {
  abstract readonly code: string;
  abstract readonly retry: Retry;
  /** The server that is down ("broker", "postgres", …) when the fault is not this message's: the runtime pauses and counts nothing. */
  abstract readonly dependency: string | null;
  readonly facts: Facts;
  readonly retry_after_ms: number | null;

  constructor(message: string, { facts = {}, cause, retry_after_ms }: ErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.facts = facts;
    this.retry_after_ms = retry_after_ms ?? null;
  }
}

/** A class made by `defineError`: throw it with `new`, recognise it with `instanceof`. */
export interface ErrorClass {
  new (message: string, options?: ErrorOptions): GatehouseError;
  readonly code: string;
  readonly retry: Retry;
}

/**
 * Makes one entry of a package's error catalogue.
 *
 * @example
 * export const FrameTooLargeError = defineError("FRAME_TOO_LARGE", "never");
 * export const PostgresDownError = defineError("POSTGRES_DOWN", "later", { dependency: "postgres" });
 */
export function defineError(
  code: string,
  retry: Retry,
  { dependency = null }: { dependency?: string | null } = {},
): ErrorClass {
  return class extends GatehouseError {
    static readonly code = code;
    static readonly retry = retry;
    override readonly name = code;
    readonly code = code;
    readonly retry = retry;
    readonly dependency: string | null;

    constructor(message: string, options: ErrorOptions = {}) {
      super(message, options);
      this.dependency = options.dependency ?? dependency;
    }
  };
}
