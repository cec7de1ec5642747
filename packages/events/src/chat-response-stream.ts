import { type Static, Type } from "@sinclair/typebox";
import { ModelRef } from "./camera-detections.ts";
import { defineEvent, type Value } from "./define-event.ts";
import { OneOf, OrNull, TimeMs } from "./fields.ts";
import { Id } from "./ids.ts";

/** A passage that an answer leans on; the answer cites the first as [1]. */
export const ChatSource = Type.Object({
  id: Type.String({ description: "Names the passage; of a security event its event_id" }),
  text: Type.String(),
  score: Type.Number({ description: "The more relevant, the higher; comparable within one answer only" }),
  uri: Type.Optional(Type.String({ description: "Where the passage was taken from" })),
});
export type ChatSource = Static<typeof ChatSource>;

/** Tokens of an answer. */
export const ChatUsage = Type.Object({
  prompt_tokens: Type.Integer({ minimum: 0 }),
  completion_tokens: Type.Integer({ minimum: 0 }),
  estimated: Type.Optional(
    Type.Boolean({
      description:
        "True where the model's server did not tell all of it: a piece of text is taken for a token, else four characters",
    }),
  ),
});
export type ChatUsage = Static<typeof ChatUsage>;

/** How fast an answer came. */
export const ChatTimings = Type.Object({
  ttft_ms: OrNull(Type.Number({ minimum: 0, description: "From taking the message in to its first word" })),
  tokens_per_s: OrNull(Type.Number({ minimum: 0, description: "From the first word to the last" })),
});
export type ChatTimings = Static<typeof ChatTimings>;

/**
 * A part of an answer. Subject ai.chat.response.stream.{request_id}. `done` or `error` is the last one, unless the answer
 * is asked for again: then a `handover` follows.
 */
export const chatResponseStream = defineEvent({
  name: "chat-response-stream",
  summary: "A part of an answer",
  subject: "ai.chat.response.stream.{request_id}",
  schema: Type.Object({
    request_id: Id("The answer"),
    seq: Type.Integer({ minimum: 0, description: "0, 1, 2, … without holes" }),
    type: OneOf(["chunk", "sources", "handover", "done", "error"], "What the part is"),
    content: Type.String({ description: "On chunk: text to be added; otherwise empty" }),
    done: Type.Boolean({ description: "Whether the answer is over" }),
    timestamp_ms: TimeMs("When it was written"),
    sources: Type.Optional(Type.Array(ChatSource, { description: "On sources: what the answer leans on" })),
    mode: Type.Optional(
      OneOf(["continued", "restarted"], "On handover: another goes on; restarted: readers drop the text before it"),
    ),
    usage: Type.Optional(OrNull(ChatUsage)),
    model: Type.Optional(OrNull(ModelRef)),
    timings: Type.Optional(ChatTimings),
    code: Type.Optional(Type.String({ description: "On error: what went wrong" })),
    message: Type.Optional(Type.String({ description: "On error: the same in a sentence" })),
    retryable: Type.Optional(Type.Boolean({ description: "On error: whether asking again can help" })),
  }),
  example: {
    request_id: "r-1",
    seq: 1,
    type: "chunk",
    content: "A person with a dog came to the door [1].",
    done: false,
    timestamp_ms: 1_763_700_000_000,
  },
});

/** A part of an answer. */
export type ChatPart = Value<typeof chatResponseStream>;
