import { Type } from "@sinclair/typebox";
import { defineEvent, type Value } from "./define-event.ts";
import { Id } from "./ids.ts";

/** Something a person asks. Subject ai.chat.user.{user_id}.message. */
export const chatMessage = defineEvent({
  name: "chat-message",
  summary: "Something a person asks",
  subject: "ai.chat.user.{user_id}.message",
  schema: Type.Object({
    request_id: Id("Names the answer; owned by the first user that uses it"),
    user_id: Id("Who asks"),
    username: Type.Optional(Type.String({ maxLength: 200 })),
    message: Type.String({ description: "At most 32,000 characters" }),
    session_id: Type.Optional(Id("The conversation; by default one per user")),
    enable_streaming: Type.Boolean({ default: true }),
    enable_rag: Type.Boolean({ default: false }),
    enable_reranker: Type.Boolean({ default: false }),
    top_k: Type.Integer({ default: 5 }),
    collection: Type.Optional(Type.String({ maxLength: 128 })),
    system_prompt: Type.Optional(Type.String({ maxLength: 32_000 })),
    premium: Type.Optional(Type.Boolean()),
    reply_to: Type.Optional(
      Type.String({ pattern: "^_INBOX\\.[^\\s*>]+$", description: "An inbox that receives the whole answer" }),
    ),
  }),
  example: {
    request_id: "r-1",
    user_id: "ada",
    message: "Who came to the door?",
    enable_streaming: true,
    enable_rag: true,
    enable_reranker: false,
    top_k: 5,
  },
});

export type ChatMessage = Value<typeof chatMessage>;
