import { compileCheck } from "@gatehouse/events";
import { type Static, Type } from "@sinclair/typebox";
import { ANSWERED_MODEL } from "../calling/answered-model.ts";
import type { Fault } from "../calling/faults.ts";
import { ModelAnswerError } from "../errors.ts";
import { Index, type RawScores } from "./rank-protocol.ts";

const score = Type.Optional(Type.Number());
const ResultList = Type.Object({
  results: Type.Array(Type.Object({ index: Index, relevance_score: score, score }), { maxItems: 4_096 }),
  ...ANSWERED_MODEL,
});

/** Compiles the check of a list of results; once per client. */
export const compileResultsCheck = () => compileCheck(ResultList);

/** The scores of a list, under either name. @throws {ModelAnswerError} when a result has none */
export function scoresOf({ results }: Static<typeof ResultList>, fault: Fault): RawScores["scores"] {
  return results.map(({ index, relevance_score, score = relevance_score }, at) => {
    if (score !== undefined) return { index, score };
    throw fault(ModelAnswerError, `results[${at}] must have a relevance_score: it has none`);
  });
}
