import { Type } from "@sinclair/typebox";
import { defineEvent, type Value } from "./define-event.ts";
import { OrNull, TimeMs } from "./fields.ts";
import { Id } from "./ids.ts";

/** What a person who came back is told. Subject ai.chat.user.{user_id}.greeting.{session_id}. */
export const chatGreeting = defineEvent({
  name: "chat-greeting",
  summary: "What a person who came back is told",
  subject: "ai.chat.user.{user_id}.greeting.{session_id}",
  schema: Type.Object({
    user_id: Id("Who came back"),
    session_id: Id("The conversation that it belongs to"),
    text: Type.String(),
    since_ms: OrNull(TimeMs("The login before; null at the first")),
    events: Type.Array(
      Type.Object({
        event_id: Type.String(),
        camera_id: Id("The camera"),
        started_at_ms: TimeMs("When it began"),
        summary: Type.String(),
        score: OrNull(Type.Integer({ minimum: 0, maximum: 100, description: "Risk; null when not scored" })),
      }),
      { description: "What happened since, most dangerous first" },
    ),
    timestamp_ms: TimeMs("When it was written"),
  }),
  example: {
    user_id: "ada",
    session_id: "ada",
    text: "Welcome back, Ada. While you were out, a person with a dog came to the front door.",
    since_ms: 1_763_650_000_000,
    events: [
      {
        event_id: "front-door.f-81",
        camera_id: "front-door",
        started_at_ms: 1_763_700_000_000,
        summary: "A person with a dog at the door",
        score: 42,
      },
    ],
    timestamp_ms: 1_763_710_000_000,
  },
});

/** What a person who came back is told. */
export type ChatGreeting = Value<typeof chatGreeting>;
