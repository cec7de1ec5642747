import type { Generated } from "./generate.ts";

/** What every answer and chunk of one completion says of itself. */
export interface Heading {
  id: string;
  created: number;
  model: string;
}

const origin = { system_fingerprint: "reference", backend: "reference" };

/** A whole completion, as OpenAI's API has it. */
export function completionBody({ id, created, model }: Heading, { tokens, finish, usage }: Generated): object {
  const message = { role: "assistant", content: tokens.join(""), refusal: null };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: finish }];
  return { id, object: "chat.completion", created, model, ...origin, choices, usage };
}

/** One server-sent event of a streamed completion. */
export function chunkEvent({ id, created, model }: Heading, rest: Chunk): string {
  const choices =
    rest.delta === undefined
      ? []
      : [{ index: 0, delta: rest.delta, logprobs: null, finish_reason: rest.finish ?? null }];
  const usage = rest.usage === undefined ? {} : { usage: rest.usage };
  const body = { id, object: "chat.completion.chunk", created, model, ...origin, choices, ...usage };
  return `data: ${JSON.stringify(body)}\n\n`;
}

export interface Chunk {
  delta?: { role?: "assistant"; content?: string };
  finish?: Generated["finish"];
  usage?: Generated["usage"] | null;
}

/** The last event of every stream that ended well. */
export const doneEvent = "data: [DONE]\n\n";
