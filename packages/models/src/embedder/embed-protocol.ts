import type { ModelRef } from "@gatehouse/events";
import { Type } from "@sinclair/typebox";
import type { CallOptions } from "../calling/call-options.ts";

/** How one kind of server is asked for the vectors of texts. */
export interface EmbedProtocol {
  /** One vector per text, in their order, as the server gives them. */
  embed(texts: readonly string[], options: CallOptions): Promise<RawEmbeddings>;
  probe(signal: AbortSignal): Promise<void>;
}

export interface RawEmbeddings {
  model: ModelRef;
  vectors: readonly (readonly number[])[];
}

/** The longest vector that is read. */
const MOST_NUMBERS = 65_536;

export const Vector = Type.Array(Type.Number(), { minItems: 1, maxItems: MOST_NUMBERS });
export const Vectors = Type.Array(Vector, { maxItems: 4_096 });
