import type { ErrorClass, ErrorOptions, GatehouseError } from "@gatehouse/errors";
import { ModelTimeoutError } from "../errors.ts";
import type { Deadline } from "./deadline.ts";
import { oneLine } from "./one-line.ts";

/** Who is called and for what: the beginning of every error's sentence. */
export interface Callee {
  /** `detect objects`, `ask the language model`. */
  action: string;
  /** Host and port only. */
  server: string;
  /** The model's configured name, where there is one. */
  model: string | null;
  /** Thrown when the server cannot be used. */
  Down: ErrorClass;
  /** Thrown when the server refuses our key. */
  Auth: ErrorClass;
}

/** Makes one error about a callee: `reason` says the value wanted and the value seen. */
export type Fault = (Class: ErrorClass, reason: string, options?: ErrorOptions) => GatehouseError;

/**
 * What a server says of our secret is not repeated.
 * @example faultsOf(callee)(callee.Down, 'it must accept connections: current value is "ECONNREFUSED"')
 */
export function faultsOf({ action, server, model }: Callee, secret: string | null = null): Fault {
  const name = model === null ? "" : ` of model "${model}"`;
  return (Class, reason, options = {}) =>
    new Class(`Cannot ${action}${name} at "${server}" as ${secret ? reason.replaceAll(secret, "***") : reason}`, {
      ...options,
      facts: { server, model, ...options.facts },
    });
}

/**
 * No answer came in time. `facts.of` says in whose: "server" when it had all the time that it is given for what comes next,
 * else "caller" for the time of the whole: the server may be well.
 */
export const timedOut = (fault: Fault, { timeout_ms, is_whole }: Pick<Deadline, "timeout_ms" | "is_whole">) =>
  fault(ModelTimeoutError, `an answer must come within ${timeout_ms} ms: none came`, {
    facts: { timeout_ms, of: is_whole ? "caller" : "server" },
  });

/** A value as a sentence shows it: on one line, at most 80 characters. */
export const shown = (value: string): string => JSON.stringify(oneLine(value, 80));
