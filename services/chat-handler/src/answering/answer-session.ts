import { ack, type DueContext, removed, retry, type Verdict } from "@gatehouse/runtime";
import { type AnswerRow, recentTurns, type TakenAnswer, type Turn, takeAnswer } from "@gatehouse/store";
import type { Deps } from "../service.ts";
import { type Given, giveAnswer } from "./give-answer.ts";
import { giveUpAnswer } from "./give-up.ts";
import { CHARACTERS_OF_TOKEN } from "./prompt.ts";
import { readWindow, type Window } from "./window.ts";

/** After this time whoever else waits in the session is left to the next run, so that a run has an end. */
const LONGEST_RUN_MS = 3_600_000;

/** An answer that was taken with its message. */
export interface BegunAnswer {
  answer: AnswerRow;
  turns: number;
  /** What Redis has of the conversation; it may be out of date. */
  window: Promise<Window | null>;
}

/**
 * A session has something to answer: its open answers, in the order in which they were asked. Key: {user_id}.{session_id}.
 * A row that was claimed as it was written is handed its first answer.
 */
export async function answerSession(_payload: unknown, context: DueContext<Deps>): Promise<Verdict> {
  const { db, cache, due, stage } = context;
  const session = sessionOf(context);
  const began_ms = performance.now();
  const begun = due.handed as BegunAnswer | undefined;
  let window = await stage("window", () => begun?.window ?? readWindow(cache, due.key));
  let taken: TakenAnswer | null = begun ? { ...begun, history: await historyOf(begun, window, context) } : null;
  while (performance.now() - began_ms < LONGEST_RUN_MS) {
    const known_turns = window?.turns ?? null;
    taken ??= await stage("take", () => takeAnswer(db, { ...session, known_turns }));
    if (!taken) return ack;
    const { answer, turns, history } = taken;
    const given = await give(answer, { turns, history: history ?? window!.history }, context);
    if (given.is_released) return removed;
    [window, taken] = [given.window, null];
  }
  return retry({ afterMs: 0 });
}

/** Gives an answer, or gives it up. */
async function give(answer: AnswerRow, before: Window, context: DueContext<Deps>): Promise<Given> {
  try {
    return await giveAnswer(answer, before, context);
  } catch (error) {
    await giveUpAnswer(answer, error, context);
    return { window: before, is_released: false };
  }
}

function sessionOf({ due, settings }: DueContext<Deps>) {
  const [user_id = "", session_id = ""] = due.key.split(".");
  return { user_id, session_id, characters: settings.window_tokens * CHARACTERS_OF_TOKEN };
}

/** The turns before an answer that was taken with its message. */
async function historyOf({ turns }: BegunAnswer, window: Window | null, context: DueContext<Deps>): Promise<Turn[]> {
  if (turns === 0) return [];
  return window?.turns === turns ? window.history : recentTurns(context.db, sessionOf(context));
}
