import type { ChatMessage } from "@gatehouse/events";
import { answerDueKey, readConversation } from "@gatehouse/store";
import type { Deps } from "../service.ts";
import { HeadStart } from "./head-start.ts";
import { CHARACTERS_OF_TOKEN, promptOf } from "./prompt.ts";
import { takeWindow, type Window } from "./window.ts";

/** What is made ready for an answer while its question is written down. */
export interface Opening {
  /** The conversation before; it may be out of date. */
  window: Window | null;
  /** What the model was asked, with that window; null: it was not. */
  head: HeadStart | null;
}

/**
 * Reads the conversation before a message and, where nobody is at work in it, asks the model. Never fails: what could not be
 * had is had later.
 */
export async function openEarly(message: ChatMessage, deps: Deps): Promise<Opening> {
  const { user_id, session_id = user_id, request_id, enable_rag } = message;
  const { cache, db, llm, settings, time, early } = deps;
  const may_ask = !enable_rag && early.admit(request_id);
  const characters = settings.window_tokens * CHARACTERS_OF_TOKEN;
  const ofPostgres = () => readConversation(db, { user_id, session_id, characters }).catch(() => null);
  const kept = await takeWindow(cache, answerDueKey(user_id, session_id));
  const conversation = kept ?? (may_ask ? await ofPostgres() : null);
  if (!conversation) return { window: null, head: null };
  const { turns, history } = conversation;
  const window = { turns, history };
  if (!may_ask || ("is_busy" in conversation && conversation.is_busy)) return { window, head: null };
  const { system_prompt, max_answer_tokens: max_tokens } = settings;
  const now = time.wordsOf(Date.now());
  const messages = promptOf({ message, system_prompt, now, history, sources: null });
  return { window, head: new HeadStart(llm, { messages, user_id, max_tokens }) };
}
