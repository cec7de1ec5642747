import { GatehouseError } from "@gatehouse/errors";
import type { DueContext } from "@gatehouse/runtime";
import { type AnswerEnd, type AnswerRow, type Ended, endAnswer } from "@gatehouse/store";
import { answerError } from "../answer-error.ts";
import { AnswerFailedError, AnswerTakenError, ModelSaidNothingError } from "../errors.ts";
import type { Deps } from "../service.ts";
import type { HeadStart } from "./head-start.ts";
import { cancelledBy } from "./live-cancels.ts";
import { beginAnswer, type OpenAnswer } from "./open-answer.ts";
import { promptOf } from "./prompt.ts";
import { findSources } from "./sources.ts";
import { speak } from "./speak.ts";
import { tellEnd } from "./tell-answer.ts";
import { throughBlips } from "./through-blips.ts";
import { grown, keepWindow, type Window } from "./window.ts";

/** After so many take-overs without a new word nobody tries any more. */
const MOST_TAKEOVERS = 5;

/** What is known and done before an answer. */
export interface Beginning {
  /** The conversation so far. */
  before: Window;
  /** What the model was asked already; null: nothing. */
  head: HeadStart | null;
}

/** The conversation after an answer. `is_released`: its session has nothing else to do, and is not due any more. */
export interface Given {
  window: Window;
  is_released: boolean;
}

/**
 * Gives one answer, or goes on with one, to its end; one that has ended already is only told. Each step may be the last: whoever
 * takes it next goes on from what readers were told.
 * @throws {AnswerTakenError} when another has it: nothing is written then
 */
export async function giveAnswer(
  answer: AnswerRow,
  { before, head }: Beginning,
  context: DueContext<Deps>,
): Promise<Given> {
  const { db, due, stage, signal, after_answer: followed_by } = context;
  if (answer.state !== "running") {
    await stage("tell", () => tellEnd(answer, context));
    return { window: before, is_released: false };
  }
  const open = await stage("begin", () => beginAnswer(answer, context));
  try {
    const outcome = await outcomeOf(open, { before, head }, context);
    const end: AnswerEnd = { ...open.stream.told, ...outcome, timings: open.timings(outcome.usage) };
    open.endSaving();
    const keep = () => endAnswer(db, answer, end, { followed_by, due });
    const ended = await stage("persist", () => throughBlips(keep, signal));
    if (ended === "taken") throw new AnswerTakenError(`Cannot end request "${answer.request_id}" as another has it`);
    const window = windowAfter(before, { ...answer, ...end }, ended, context);
    await tellEnd({ ...answer, ...end }, context, open.stream);
    return { window, is_released: ended.is_released };
  } finally {
    open.close();
  }
}

/** The conversation after an answer: in Redis before anybody hears that the answer is over, if nobody goes on in it here. */
function windowAfter(
  before: Window,
  { request, text }: AnswerRow,
  { turns, is_released }: Ended,
  { cache, due, settings }: DueContext<Deps>,
): Window {
  const turn = { asked: request.message, answered: text };
  const after = turns === before.turns + 1 ? grown(before, turn, turns, settings.window_tokens) : before;
  if (is_released) void keepWindow(cache, due.key, after);
  return after;
}

type Outcome = Pick<AnswerEnd, "state" | "model" | "usage" | "error">;

/** Has the answer said. Whatever is wrong with model or message is how it ended; what is wrong with us is thrown. */
async function outcomeOf(open: OpenAnswer, beginning: Beginning, context: DueContext<Deps>): Promise<Outcome> {
  const done = { state: "done", error: null } as const;
  const spoken = () => ({ model: open.spoken.model, usage: open.spoken.usage });
  try {
    await sayAnswer(open, beginning, context);
    return { ...done, ...spoken() };
  } catch (error) {
    open.throwIfLost(error);
    const { is_cancelled, is_late } = open; // as it is now: the flush may wait long for the broker
    const { user_id, request_id } = open.answer;
    const cancelled = { state: "cancelled", error: answerError(cancelledBy(user_id, request_id)) } as const;
    const failed = { state: "failed", error: answerError(whyFailed(error, open, context)) } as const;
    await open.stream.flush();
    if (is_cancelled) return { ...cancelled, ...spoken() };
    if (is_late && open.stream.told.text !== "") return { ...done, ...spoken() };
    return { ...failed, ...spoken() };
  }
}

/** As readers are told it: what nobody foresaw stays in the log. */
function whyFailed(error: unknown, { is_late, answer }: OpenAnswer, { settings, log }: DueContext<Deps>): Error {
  if (is_late) return new AnswerFailedError(`Cannot answer as a word must come within ${settings.answer_timeout_s} s`);
  if (error instanceof GatehouseError) return error;
  log.error({ request_id: answer.request_id, reason: String(error) }, "answer failed");
  return new AnswerFailedError("Cannot answer as something unexpected happened");
}

async function sayAnswer(open: OpenAnswer, { before, head }: Beginning, context: DueContext<Deps>): Promise<void> {
  const { llm, settings, time, stage } = context;
  const { answer, stream, limits } = open;
  limits.throwIfAborted();
  if (open.takeovers > MOST_TAKEOVERS)
    throw new AnswerFailedError(`Cannot answer as it was taken over ${open.takeovers} times without a new word`);
  if (open.is_stale) await stream.part({ type: "handover", mode: "restarted" });
  const sources = await stage("sources", () => findSources(open, context));
  const { system_prompt } = settings;
  const now = time.wordsOf(Date.now());
  await speak(llm, stream, {
    messages: promptOf({ message: answer.request, system_prompt, now, history: before.history, sources }),
    user_id: answer.user_id,
    max_tokens: settings.max_answer_tokens,
    head,
    patience_ms: settings.model_patience_s * 1_000,
    spoken: open.spoken,
    signal: limits,
    onFirst: () => stage("first", () => open.noteFirst()),
  });
  await stream.flush();
  if (stream.told.text === "")
    throw new ModelSaidNothingError("Cannot answer as the model must say something: it ended");
}
