import { answer } from "./answer.ts";
import { answerFromTools, callTools, type ToolCall } from "./call-tools.ts";
import type { ChatRequest } from "./request.ts";
import { continueFrom, cutAtStop, tokenize } from "./tokens.ts";

/** A piece of an answer: words, or more of the arguments of a call; the first piece of a call names it. */
export type Piece = { content: string } | { call: number; name?: string; arguments: string };

/** A whole answer before it is sent. */
export interface Generated {
  pieces: Piece[];
  finish: "stop" | "length" | "tool_calls";
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

/**
 * Answers a request. A last message from the assistant is an answer begun elsewhere: only what is missing of it follows.
 * The same request always has the same answer.
 */
export function generate(request: ChatRequest): Generated {
  const { turns, offered, maxTokens } = request;
  const calls = callTools(turns, offered);
  const all = calls.length > 0 ? calls.flatMap(piecesOfCall) : words(request).map((content) => ({ content }));
  const pieces = all.slice(0, maxTokens);
  const whole = calls.length > 0 ? "tool_calls" : "stop";
  const prompt = turns.reduce((sum, { text }) => sum + tokenize(text).length, 0);
  return {
    pieces,
    finish: all.length > maxTokens ? "length" : whole,
    usage: { prompt_tokens: prompt, completion_tokens: pieces.length, total_tokens: prompt + pieces.length },
  };
}

function words({ turns, form, stops }: ChatRequest): string[] {
  const said = turns.at(-1)?.role === "assistant" ? turns.at(-1)!.text : null;
  const asked = said === null ? turns : turns.slice(0, -1);
  const from_tools = asked.at(-1)?.role === "tool" && form.kind === "text";
  const full = from_tools ? answerFromTools(asked) : answer(asked, form);
  const open = said === null ? full : continueFrom(full, said);
  return tokenize(cutAtStop(open, stops).text);
}

function piecesOfCall({ name, arguments: all }: ToolCall, call: number): Piece[] {
  return [{ call, name, arguments: "" }, ...tokenize(all).map((piece) => ({ call, arguments: piece }))];
}
