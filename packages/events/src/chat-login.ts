import { Type } from "@sinclair/typebox";
import { defineEvent, type Value } from "./define-event.ts";
import { Id } from "./ids.ts";

/** A person came back. Subject ai.chat.user.{user_id}.login. */
export const chatLogin = defineEvent({
  name: "chat-login",
  summary: "A person came back",
  subject: "ai.chat.user.{user_id}.login",
  schema: Type.Object({
    user_id: Id("Who"),
    username: Type.Optional(Type.String({ maxLength: 200 })),
    session_id: Type.Optional(Id("The conversation that the greeting goes to")),
  }),
  example: { user_id: "ada", username: "Ada" },
});

export type ChatLogin = Value<typeof chatLogin>;
