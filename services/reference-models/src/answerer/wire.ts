import type { Generated, Piece } from "./generate.ts";

/** What every answer and chunk of one completion says of itself. */
export interface Heading {
  id: string;
  created: number;
  model: string;
}

const origin = { system_fingerprint: "reference", backend: "reference" };

/** A whole completion, as OpenAI's API has it. */
export function completionBody({ id, created, model }: Heading, { pieces, finish, usage }: Generated): object {
  const said = pieces.map((piece) => ("content" in piece ? piece.content : "")).join("");
  const calls = callsOf(id, pieces);
  const called = calls.length > 0 ? { content: null, tool_calls: calls } : { content: said };
  const message = { role: "assistant", refusal: null, ...called };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: finish }];
  return { id, object: "chat.completion", created, model, ...origin, choices, usage };
}

function callsOf(id: string, pieces: Piece[]): object[] {
  const calls: { id: string; type: "function"; function: { name: string; arguments: string } }[] = [];
  for (const piece of pieces) {
    if ("content" in piece) continue;
    const call = { name: piece.name ?? "", arguments: "" };
    calls[piece.call] ??= { id: callId(id, piece.call), type: "function", function: call };
    calls[piece.call]!.function.arguments += piece.arguments;
  }
  return calls;
}

const callId = (id: string, call: number): string => `call_${id.slice(-12)}_${call}`;

/** What a piece adds to a streamed message. */
export function deltaOf({ id }: Heading, piece: Piece): object {
  if ("content" in piece) return piece;
  const { call: index, name, arguments: more } = piece;
  if (name === undefined) return { tool_calls: [{ index, function: { arguments: more } }] };
  return { tool_calls: [{ index, id: callId(id, index), type: "function", function: { name, arguments: more } }] };
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
  delta?: object;
  finish?: Generated["finish"];
  usage?: Generated["usage"] | null;
}

/** The last event of every stream that ended well. */
export const doneEvent = "data: [DONE]\n\n";
