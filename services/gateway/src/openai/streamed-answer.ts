import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { LlmEnd, PassedPart } from "@gatehouse/models";
import type { FastifyReply } from "fastify";
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
}

const DONE = "data: [DONE]\n\n";

/**
 * Passes an answer on as server-sent events, at the speed of its reader. What breaks before the first part is thrown, as nothing
 * was sent; what breaks later is told in the stream, which then has no `[DONE]`.
 */
export async function streamAnswer(reply: FastifyReply, streamed: Streamed): Promise<void> {
  const { lists, heading, include_usage, signal, tellError } = streamed;
  const first = await lists.next();
  reply.hijack();
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
  });
  const events = eventsOf(heading, include_usage);
  try {
    let written = events.delta({ role: "assistant", content: "" });
    let has_calls = false;
    let next = first;
    for (; !next.done; next = await lists.next()) {
      for (const part of next.value)
        if (!("handover" in part)) {
          has_calls ||= "tool_calls" in part;
          written += events.delta("text" in part ? { content: part.text } : part);
        }
      await send(reply.raw, written, signal);
      written = "";
    }
    reply.raw.end(written + events.end(next.value, has_calls));
  } catch (error) {
    if (!signal.aborted) reply.raw.end(`data: ${JSON.stringify(tellError(error))}\n\n`);
  } finally {
    await lists.return(undefined as never);
  }
}

/** Writes events; waits while the client reads slower than the model speaks. */
async function send(raw: ServerResponse, events: string, signal: AbortSignal): Promise<void> {
  if (raw.write(events)) return;
  await once(raw, "drain", { signal });
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
