import { compileCheck } from "@gatehouse/events";
import { type Static, Type } from "@sinclair/typebox";
import { ANSWERED_MODEL } from "../calling/answered-model.ts";
import type { Fault } from "../calling/faults.ts";
import { ModelAnswerError } from "../errors.ts";
import { Vector } from "./embed-protocol.ts";

const EmbeddingList = Type.Object({
  data: Type.Array(Type.Object({ index: Type.Integer({ minimum: 0 }), embedding: Vector }), { maxItems: 4_096 }),
  ...ANSWERED_MODEL,
});
type EmbeddingList = Static<typeof EmbeddingList>;

/** Compiles the check of OpenAI's list of embeddings; once per client. */
export const compileListCheck = () => compileCheck(EmbeddingList);

/** The vectors in the order of the texts, which `index` tells. @throws {ModelAnswerError} unless every index is there once */
export function inOrder({ data }: EmbeddingList, fault: Fault): readonly (readonly number[])[] {
  const vectors = new Map(data.map(({ index, embedding }) => [index, embedding]));
  return data.map((_, at) => {
    const vector = vectors.get(at);
    if (vector) return vector;
    throw fault(ModelAnswerError, `data must have each index of 0..${data.length - 1} once: ${at} is missing`);
  });
}
