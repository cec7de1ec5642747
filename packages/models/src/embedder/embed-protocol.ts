import type { ModelRef } from "@gatehouse/events";
import { Type } from "@sinclair/typebox";
import type { CallOptions } from "../calling/call-options.ts";

/** How one kind of server is asked for the vectors of texts. */
export interface EmbedProtocol {
  /** `make` gets one vector per text, in their order, as the server gives them; what it throws is the server's failure. */
  embed<T>(texts: readonly string[], options: CallOptions, make: MakeOfVectors<T>): Promise<Made<T>>;
  probe(signal: AbortSignal): Promise<void>;
}

export type MakeOfVectors<T> = (vectors: readonly (readonly number[])[]) => T;

export interface Made<T> {
  model: ModelRef;
  made: T;
}

/** The longest vector that is read. */
const MOST_NUMBERS = 65_536;

export const Vector = Type.Array(Type.Number(), { minItems: 1, maxItems: MOST_NUMBERS });
export const Vectors = Type.Array(Vector, { maxItems: 4_096 });
