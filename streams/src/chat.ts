import { chatCancel, chatLogin, chatMessage, wildcardOf } from "@gatehouse/events";
import { consumer, DAY, MB, MINUTE, type StreamDeclaration, stream } from "./declaration.ts";
import type { StreamSettings } from "./settings.ts";

export const companionsLogins = (): StreamDeclaration =>
  stream("COMPANIONS_LOGINS", ["ai.chat.user.*.login"], {
    max_age_ms: 7 * DAY,
    max_bytes: 32 * MB,
    consumers: [
      consumer("chat-handler-logins", wildcardOf(chatLogin), { kind: "slow", in_flight: 8, give_up_after_ms: 3 * DAY }),
    ],
  });

export const companionsChat = (): StreamDeclaration =>
  stream("COMPANIONS_CHAT", ["ai.chat.user.*.message", "ai.chat.user.*.cancel", "ai.chat.user.*.greeting.*"], {
    max_age_ms: 30 * DAY,
    max_bytes: 256 * MB,
    consumers: [
      // One at a time over all processes: messages are written down in the order they came. Who dies with one holds all up.
      consumer("chat-handler", wildcardOf(chatMessage), {
        kind: "slow",
        in_flight: 1,
        max_ack_pending: 1,
        ack_wait_ms: 3_000,
        give_up_after_ms: 15 * DAY,
        beside_suspects: true,
      }),
      consumer("chat-handler-cancel", wildcardOf(chatCancel), {
        kind: "slow",
        in_flight: 64,
        ack_wait_ms: 3_000,
        give_up_after_ms: DAY,
        beside_suspects: true,
      }),
    ],
  });

/**
 * On one node a memory stream would not survive the broker. There is room for 100 answers at once, each a part of 400 bytes
 * every 25 ms, for the whole 5 minutes.
 */
export const aiChatStream = ({ replicas }: StreamSettings): StreamDeclaration =>
  stream("AI_CHAT_STREAM", ["ai.chat.response.stream.>"], {
    storage: replicas > 1 ? "memory" : "file",
    max_age_ms: 5 * MINUTE,
    max_bytes: 512 * MB,
  });
