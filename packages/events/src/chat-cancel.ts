import { Type } from "@sinclair/typebox";
import { defineEvent, type Value } from "./define-event.ts";
import { Id } from "./ids.ts";

/** An answer is no longer wanted. Subject ai.chat.user.{user_id}.cancel. */
export const chatCancel = defineEvent({
  name: "chat-cancel",
  summary: "An answer is no longer wanted",
  subject: "ai.chat.user.{user_id}.cancel",
  schema: Type.Object({ request_id: Id("The answer"), user_id: Id("Who asked") }),
  example: { request_id: "r-1", user_id: "ada" },
});

export type ChatCancel = Value<typeof chatCancel>;
