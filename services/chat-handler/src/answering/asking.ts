import type { Llm, LlmEnd, LlmMessage, LlmPart } from "@gatehouse/models";

/** What a model is asked for an answer. */
export interface Asked {
  messages: readonly LlmMessage[];
  /** Whose budget it is paid from. */
  user_id: string;
  max_tokens: number;
  /** What readers were told of the answer before. */
  said?: string;
}

/** A model at its answer. Whoever has it ends it with `parts.return`. */
export interface Asking {
  parts: AsyncGenerator<LlmPart, LlmEnd, void>;
  /** What the first `next` gives. */
  first: Promise<IteratorResult<LlmPart, LlmEnd>>;
  /** What the answer tells of itself as it comes; null: nobody answers yet. */
  telling(): Readonly<LlmEnd> | null;
}

/** Asks now. The signal ends the call. */
export function ask(llm: Llm, { user_id, ...request }: Asked, signal: AbortSignal): Asking {
  let telling = null as Readonly<LlmEnd> | null;
  const onBegun = (begun: Readonly<LlmEnd>): void => {
    telling = begun;
  };
  const parts = llm.stream(request, { signal, priority: 1, user_id, onBegun });
  return { parts, first: parts.next(), telling: () => telling };
}
