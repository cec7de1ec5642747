import { describeError } from "@gatehouse/errors";
import type { DueContext } from "@gatehouse/runtime";
import { type AnswerEnd, type AnswerRow, endAnswer, markAnswerTold } from "@gatehouse/store";
import { answerError } from "../answer-error.ts";
import { AnswerFailedError } from "../errors.ts";
import type { Deps } from "../service.ts";
import { tellEnd } from "./tell-answer.ts";

/**
 * Ends an answer that cannot be given by us, so that its reader is told, and whoever waits behind it has a turn. What may pass
 * is thrown again. One that had ended is told no more: it can be asked for.
 */
export async function giveUpAnswer(answer: AnswerRow, error: unknown, context: DueContext<Deps>): Promise<void> {
  const { db, log, stage, signal, is_last_attempt } = context;
  const { code, message: reason, retry } = describeError(error);
  if (signal.aborted || retry === "later" || (retry === "unknown" && !is_last_attempt)) throw error;
  const { request_id } = answer;
  log.error({ request_id, code, reason }, "answer given up");
  const failed = answerError(new AnswerFailedError("Cannot answer as something unexpected happened"));
  const end: AnswerEnd = { ...answer, state: "failed", model: null, usage: null, timings: null, error: failed };
  const ended = await stage("give-up", () => endAnswer(db, answer, end));
  if (ended === "taken") await markAnswerTold(db, answer);
  else await tellEnd({ ...answer, ...end }, context);
}
