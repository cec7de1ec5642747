import type { CallOptions } from "../calling/call-options.ts";
import type { Fault } from "../calling/faults.ts";
import type { ChatAnswer } from "./chat-answer.ts";
import type { LlmEnd, LlmPart } from "./llm.ts";
import type { ReasoningDelta, ToolCallDelta, WireRequest } from "./wire-request.ts";

/** How a language model is asked. */
export interface LlmOptions extends CallOptions {
  /** Whose budget the answer is paid from, besides the service's. */
  user_id?: string;
  /** Is told of each entry whose answer begins: what that tells of itself, as it comes. */
  onBegun?: (telling: Readonly<LlmEnd>) => void;
}

/** What one entry is asked. */
export interface Asked {
  request: WireRequest;
  /** What was said of the answer before: only what follows is wanted. */
  said?: string | undefined;
}

/** One entry of a list of language models. */
export interface LlmClient {
  readonly fault: Fault;
  /** Its configured name. */
  readonly model: string;
  /** Whether the answer to a request can be gone on with. */
  continues(request: WireRequest): boolean;
  /** Asks; the answer has begun when this resolves: close it. */
  open(asked: Asked, options: LlmOptions): Promise<ChatAnswer>;
  probe(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A piece of an answer in OpenAI's own form: words, the mark that another model goes on, more of the calls of tools, or of what was thought. */
export type PassedPart = LlmPart | { tool_calls: ToolCallDelta[] } | { reasoning: ReasoningDelta };
