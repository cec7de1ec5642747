import { Type } from "@sinclair/typebox";
import { defineEvent, type Value } from "./define-event.ts";
import { Bytes, OneOf } from "./fields.ts";
import { Id } from "./ids.ts";

/** Something a person says, whole. Subject ai.voice.user.{user_id}.request. */
export const voiceRequest = defineEvent({
  name: "voice-request",
  summary: "Something a person says, whole",
  subject: "ai.voice.user.{user_id}.request",
  schema: Type.Object({
    request_id: Id("Names the answer"),
    user_id: Id("Who speaks"),
    audio: Bytes("At most 60 s"),
    format: OneOf(["wav"], "Encoding of the audio"),
    sample_rate: Type.Integer({ default: 16_000, minimum: 1, description: "Hz" }),
    enable_rag: Type.Boolean({ default: false }),
    language: Type.Optional(Type.String({ maxLength: 35 })),
    premium: Type.Optional(Type.Boolean()),
  }),
  example: {
    request_id: "r-2",
    user_id: "ada",
    audio: Uint8Array.of(0x52, 0x49, 0x46, 0x46),
    format: "wav",
    sample_rate: 16_000,
    enable_rag: false,
  },
});

export type VoiceRequest = Value<typeof voiceRequest>;
