import type { LlmEnd, PassedPart } from "@gatehouse/models";
import type { FastifyReply } from "fastify";
import { EventStream } from "./event-stream.ts";
import { type Delta, finishOf, type Heading, usageOf } from "./heading.ts";

export interface Streamed {
  /** Parts that came together are in one list. */
  lists: AsyncGenerator<PassedPart[], LlmEnd, void>;
  heading: Heading;
  include_usage: boolean;
  /** Aborted when the client is gone. */
  signal: AbortSignal;
  /** Tells what broke an answer after it began. */
  tellError(error: unknown): object;
  /** Silence after which a comment is sent; 10,000 unless said. */
  ping_ms?: number;
}

const DONE = "data: [DONE]\n\n";
/** Proxies and clients give up on a silent answer after 30 to 60 s. */
const PING_MS = 10_000;

/**
 * Passes an answer on as server-sent events, at the speed of its reader. What breaks before anything was sent is thrown; what breaks
 * later is told in the stream, which then has no `[DONE]`.
 */
export async function streamAnswer(reply: FastifyReply, streamed: Streamed): Promise<void> {
  const { lists, heading, include_usage, signal, tellError, ping_ms = PING_MS } = streamed;
  const stream = new EventStream({ reply, ping_ms, signal });
  const events = eventsOf(heading, include_usage);
  try {
    let next = await lists.next();
    let written = events.delta({ role: "assistant", content: "" });
    let has_calls = false;
    for (; !next.done; next = await lists.next()) {
      for (const part of next.value)
        if (!("handover" in part)) {
          has_calls ||= "tool_calls" in part;
          written += events.delta(deltaOf(part));
        }
      await stream.send(written);
      written = "";
    }
    stream.end(written + events.end(next.value, has_calls));
  } catch (error) {
    if (!stream.has_begun) throw error;
    if (!signal.aborted) stream.end(`data: ${JSON.stringify(tellError(error))}\n\n`);
  } finally {
    stream.close();
    await lists.return(undefined as never);
  }
}

function deltaOf(part: Exclude<PassedPart, { handover: unknown }>): Delta {
  if ("text" in part) return { content: part.text };
  return "reasoning" in part ? part.reasoning : part;
}

/** The events of one answer; what they share is written once. */
function eventsOf({ id, created, model }: Heading, include_usage: boolean) {
  const shared = { id, object: "chat.completion.chunk", created, model };
  const opening = JSON.stringify(shared).slice(0, -1);
  const begin = `data: ${opening},"choices":[{"index":0,"delta":`;
  const finish = `,"logprobs":null,"finish_reason":null}]${include_usage ? ',"usage":null' : ""}}\n\n`;
  const event = (fields: object): string => `data: ${JSON.stringify({ ...shared, ...fields })}\n\n`;
  return {
    delta: (delta: Delta): string => begin + JSON.stringify(delta) + finish,
    end: ({ finish_reason, usage }: LlmEnd, has_calls: boolean): string => {
      const choice = { index: 0, delta: {}, logprobs: null, finish_reason: finishOf(finish_reason, has_calls) };
      const last = event({ choices: [choice], ...(include_usage ? { usage: null } : {}) });
      const counted = include_usage ? event({ choices: [], usage: usageOf(usage) }) : "";
      return last + counted + DONE;
    },
  };
}
