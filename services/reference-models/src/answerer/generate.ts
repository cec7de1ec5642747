import { answer } from "./answer.ts";
import type { ChatRequest } from "./request.ts";
import { continueFrom, cutAtStop, tokenize } from "./tokens.ts";

/** A whole answer before it is sent. */
export interface Generated {
  tokens: string[];
  finish: "stop" | "length";
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

/**
 * Answers a request. A last message from the assistant is an answer begun elsewhere: only what is missing of it follows.
 * The same request always has the same answer.
 */
export function generate({ turns, form, stops, maxTokens }: ChatRequest): Generated {
  const said = turns.at(-1)?.role === "assistant" ? turns.at(-1)!.text : null;
  const full = answer(said === null ? turns : turns.slice(0, -1), form);
  const open = said === null ? full : continueFrom(full, said);
  const all = tokenize(cutAtStop(open, stops).text);
  const tokens = all.slice(0, maxTokens);
  const prompt = turns.reduce((sum, { text }) => sum + tokenize(text).length, 0);
  return {
    tokens,
    finish: all.length > maxTokens ? "length" : "stop",
    usage: { prompt_tokens: prompt, completion_tokens: tokens.length, total_tokens: prompt + tokens.length },
  };
}
