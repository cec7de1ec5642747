import { ack, type DueContext, removed, retry, type Verdict } from "@gatehouse/runtime";
import { type AnswerRow, readConversation, type TakenAnswer, type Turn, takeAnswer } from "@gatehouse/store";
import type { Deps } from "../service.ts";
import { type Beginning, type Given, giveAnswer } from "./give-answer.ts";
import { giveUpAnswer } from "./give-up.ts";
import type { Opening } from "./opening.ts";
import { CHARACTERS_OF_TOKEN } from "./prompt.ts";
import { takeWindow, type Window } from "./window.ts";

/** Conversations that one process answers in. */
export const ANSWERS_AT_ONCE = 256;
/** After this time whoever else waits in the session is left to the next run, so that a run has an end. */
const LONGEST_RUN_MS = 3_600_000;

/** An answer that was taken with its message. */
export interface BegunAnswer {
  answer: AnswerRow;
  turns: number;
  opening: Promise<Opening>;
}

/**
 * A session has something to answer: its open answers, in the order in which they were asked. Key: {user_id}.{session_id}.
 * A row that was claimed as it was written is handed its first answer.
 */
export async function answerSession(_payload: unknown, context: DueContext<Deps>): Promise<Verdict> {
  const begun = context.due.handed as BegunAnswer | undefined;
  const end = context.early.begin();
  try {
    return await answerAll(begun, context);
  } finally {
    end();
    (await begun?.opening)?.head?.drop();
  }
}

async function answerAll(begun: BegunAnswer | undefined, context: DueContext<Deps>): Promise<Verdict> {
  const { db, cache, due, stage } = context;
  const session = sessionOf(context);
  const began_ms = performance.now();
  const opening = await stage(
    "window",
    async () => begun?.opening ?? { window: await takeWindow(cache, due.key), head: null },
  );
  let { window } = opening;
  let taken: TakenAnswer | null = begun ? { ...begun, history: await historyOf(begun, window, context) } : null;
  let head = window?.turns === begun?.turns ? opening.head : null;
  if (!head) opening.head?.drop();
  while (performance.now() - began_ms < LONGEST_RUN_MS) {
    const known_turns = window?.turns ?? null;
    taken ??= await stage("take", () => takeAnswer(db, { ...session, known_turns }));
    if (!taken) return ack;
    const { answer, turns, history } = taken;
    const given = await give(answer, { before: { turns, history: history ?? window!.history }, head }, context);
    if (given.is_released) return removed;
    [window, taken, head] = [given.window, null, null];
  }
  return retry({ afterMs: 0 });
}

/** Gives an answer, or gives it up. */
async function give(answer: AnswerRow, beginning: Beginning, context: DueContext<Deps>): Promise<Given> {
  try {
    return await giveAnswer(answer, beginning, context);
  } catch (error) {
    await giveUpAnswer(answer, error, context);
    return { window: beginning.before, is_released: false };
  }
}

function sessionOf({ due, settings }: DueContext<Deps>) {
  const [user_id = "", session_id = ""] = due.key.split(".");
  return { user_id, session_id, characters: settings.window_tokens * CHARACTERS_OF_TOKEN };
}

/** The turns before an answer that was taken with its message. */
async function historyOf({ turns }: BegunAnswer, window: Window | null, context: DueContext<Deps>): Promise<Turn[]> {
  if (turns === 0) return [];
  if (window?.turns === turns) return window.history;
  return (await readConversation(context.db, sessionOf(context))).history;
}
