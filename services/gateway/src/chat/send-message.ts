import { randomUUID } from "node:crypto";
import { type ChatMessage, chatMessage, type EventType, encode } from "@gatehouse/events";
import { claimRequest } from "@gatehouse/store";
import type { Deps } from "../deps.ts";
import { RequestIdTakenError } from "../errors.ts";
import { readInput } from "../ws/publish-input.ts";

/** A message that the broker has. */
export interface SentMessage {
  request_id: string;
  session_id: string;
  /** In COMPANIONS_CHAT. */
  seq: number;
  /** Whether it had come before. */
  duplicate: boolean;
}

/**
 * Publishes what a user says. A repeat under the same `request_id` changes nothing.
 * @throws {PayloadInvalidError} @throws {RequestIdTakenError}
 */
export async function sendMessage(
  given: Record<string, unknown>,
  user_id: string,
  { bus, db }: Pick<Deps, "bus" | "db">,
): Promise<SentMessage> {
  const subject = `ai.chat.user.${user_id}.message`;
  const data = { ...given, request_id: given.request_id ?? `r-${randomUUID()}`, user_id };
  const message = readInput(chatMessage as EventType, { subject, data, json: true, msg_id: null }) as ChatMessage;
  const { request_id, session_id = user_id } = message;
  if (!(await claimRequest(db, request_id, user_id)))
    throw new RequestIdTakenError(`Cannot send a message as request "${request_id}" is another user's`);
  const { seq, duplicate } = await bus.publish(subject, encode(message), { id: `${user_id}.${request_id}` });
  return { request_id, session_id, seq, duplicate };
}
