import { ack, type DueContext, retry, type Verdict } from "@gatehouse/runtime";
import { takeAnswer } from "@gatehouse/store";
import type { Deps } from "../service.ts";
import { giveAnswer } from "./give-answer.ts";
import { CHARACTERS_OF_TOKEN } from "./prompt.ts";
import { readWindow } from "./window.ts";

/** After this time whoever else waits in the session is left to the next run, so that a run has an end. */
const LONGEST_RUN_MS = 3_600_000;

/** A session has something to answer: its open answers, in the order in which they were asked. Key: {user_id}.{session_id}. */
export async function answerSession(_payload: unknown, context: DueContext<Deps>): Promise<Verdict> {
  const { db, cache, settings, due, stage } = context;
  const [user_id = "", session_id = ""] = due.key.split(".");
  const characters = settings.window_tokens * CHARACTERS_OF_TOKEN;
  const began_ms = performance.now();
  let window = await stage("window", () => readWindow(cache, due.key));
  while (performance.now() - began_ms < LONGEST_RUN_MS) {
    const known_turns = window?.turns ?? null;
    const taken = await stage("take", () => takeAnswer(db, { user_id, session_id, known_turns, characters }));
    if (!taken) return ack;
    const { answer, turns, history } = taken;
    window = await giveAnswer(answer, { turns, history: history ?? window!.history }, context);
  }
  return retry({ afterMs: 0 });
}
