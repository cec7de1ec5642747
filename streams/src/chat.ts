import { DAY, MB, MINUTE, type StreamDeclaration, stream } from "./declaration.ts";
import type { StreamSettings } from "./settings.ts";

export const companionsLogins = (): StreamDeclaration =>
  stream("COMPANIONS_LOGINS", ["ai.chat.user.*.login"], { max_age_ms: 7 * DAY, max_bytes: 32 * MB });

export const companionsChat = (): StreamDeclaration =>
  stream("COMPANIONS_CHAT", ["ai.chat.user.*.message", "ai.chat.user.*.cancel", "ai.chat.user.*.greeting.*"], {
    max_age_ms: 30 * DAY,
    max_bytes: 256 * MB,
  });

/** On one node a memory stream would not survive the broker. */
export const aiChatStream = ({ replicas }: StreamSettings): StreamDeclaration =>
  stream("AI_CHAT_STREAM", ["ai.chat.response.stream.>"], {
    storage: replicas > 1 ? "memory" : "file",
    max_age_ms: 5 * MINUTE,
    max_bytes: 128 * MB,
  });
