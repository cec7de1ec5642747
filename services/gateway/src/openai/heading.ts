import { randomUUID } from "node:crypto";
import type { LlmUsage, ReasoningDelta, ToolCallDelta } from "@gatehouse/models";

/** What every part of one answer says of itself. */
export interface Heading {
  id: string;
  created: number;
  model: string;
}

export function newHeading(model: string): Heading {
  return { id: `chatcmpl-${randomUUID().replaceAll("-", "")}`, created: Math.floor(Date.now() / 1_000), model };
}

/** What is new of a streamed message. */
export type Delta = ReasoningDelta & {
  role?: "assistant";
  content?: string;
  tool_calls?: readonly ToolCallDelta[];
};

/** Tokens as OpenAI tells them; null when no server counted. */
export function usageOf(usage: LlmUsage | null): object | null {
  return usage && { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens };
}

/** Why it ended, where the server did not say, or says of calls of tools that it stopped. */
export function finishOf(finish_reason: string | null, has_calls: boolean): string {
  if (finish_reason !== null && finish_reason !== "stop") return finish_reason;
  return has_calls ? "tool_calls" : "stop";
}
