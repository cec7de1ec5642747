import type { CallOptions } from "../calling/call-options.ts";
import type { Fault } from "../calling/faults.ts";
import type { ChatAnswer } from "./chat-answer.ts";
import type { LlmRequest } from "./llm.ts";

/** How a language model is asked. */
export interface LlmOptions extends CallOptions {
  /** Whose budget the answer is paid from, besides the service's. */
  user_id?: string;
}

/** One entry of a list of language models. */
export interface LlmClient {
  readonly fault: Fault;
  /** Whether the answer to a request can be gone on with. */
  continues(request: LlmRequest): boolean;
  /** Asks; the answer has begun when this resolves: close it. */
  open(request: LlmRequest, options: LlmOptions): Promise<ChatAnswer>;
  probe(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
