import { Type } from "@sinclair/typebox";
import { ModelRef } from "./camera-detections.ts";
import { ChatSource, ChatUsage } from "./chat-response-stream.ts";
import { defineEvent, type Value } from "./define-event.ts";
import { OrNull } from "./fields.ts";
import { Id } from "./ids.ts";

/** A whole answer. Subject ai.chat.response.{request_id}, in no stream: whoever is not there misses it and asks the gateway. */
export const chatResponse = defineEvent({
  name: "chat-response",
  summary: "A whole answer",
  subject: "ai.chat.response.{request_id}",
  live: true,
  schema: Type.Object({
    request_id: Id("The answer"),
    response: Type.String({ description: "Its text; after an error what there is of it" }),
    sources: Type.Array(ChatSource),
    model: OrNull(ModelRef),
    usage: OrNull(ChatUsage),
    error: Type.Optional(
      Type.Object(
        {
          code: Type.String(),
          message: Type.String(),
          retryable: Type.Boolean({ description: "Whether asking again can help" }),
        },
        { description: "Why the answer is not whole" },
      ),
    ),
  }),
  example: {
    request_id: "r-1",
    response: "A person with a dog came to the door [1].",
    sources: [{ id: "front-door.f-81", text: "A person with a dog at the door", score: 0.93 }],
    model: { name: "reference-llm", version: "1", backend: "reference" },
    usage: { prompt_tokens: 211, completion_tokens: 11 },
  },
});

/** A whole answer. */
export type ChatResponse = Value<typeof chatResponse>;
