import type { ErrorClass, ErrorOptions, GatehouseError } from "@gatehouse/errors";
import { serverWords } from "@gatehouse/models";

/** Who is asked and for what: the beginning of every error's sentence. */
export interface AskedEngine {
  engine: string;
  /** Host and port only. */
  server: string;
  /** `submit run "gh-…"` */
  action: string;
}

/** Makes one error about a request: `reason` says the value wanted and the value seen. */
export type EngineFault = (Class: ErrorClass, reason: string, options?: ErrorOptions) => GatehouseError;

/** @example faultOf({ engine: "argo", server, action })(EngineAwayError, 'it must take the request: current state is "ECONNREFUSED"') */
export const faultOf =
  ({ engine, server, action }: AskedEngine): EngineFault =>
  (Class, reason, options = {}) =>
    new Class(`Cannot ${action} with ${engine} at "${server}" as ${reason}`, {
      ...options,
      facts: { engine, server, ...options.facts },
    });

/** What an engine says of its refusal, with a token in it blotted out. */
export const wordsOf = (body: string, token: string | null): string =>
  serverWords(token === null ? body : body.replaceAll(token, "***"));
