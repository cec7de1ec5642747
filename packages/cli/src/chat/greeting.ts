import { GatehouseError } from "@gatehouse/errors";
import type { ChatGreeting } from "@gatehouse/events";
import { Following } from "../gateway/following.ts";
import { when } from "../terminal/event-line.ts";
import { safeLines, safeText, shorten } from "../terminal/safe-text.ts";
import type { Drawing } from "../terminal/source-lines.ts";
import type { Talk } from "./talk.ts";

/** After that a greeting is no greeting any more. */
const GREETING_MS = 20_000;
const MOST_EVENTS = 5;

/** Says that a person came back, and gives the greeting; null when none comes in 20 s. */
export async function fetchGreeting({ line, user_id }: Talk, session_id: string): Promise<ChatGreeting | null> {
  const subject = `ai.chat.user.${user_id}.greeting.${session_id}`;
  const following = new Following(line, { subject, from: "new", anew: "new", silence_ms: GREETING_MS });
  try {
    const login = { user_id, session_id };
    await following.began;
    await line.publish(`ai.chat.user.${user_id}.login`, login, `login.${session_id}.${Date.now()}`);
    const told = await following.take();
    return told.what === "message" ? (told.message.data as ChatGreeting | null) : null;
  } catch (error) {
    if (error instanceof GatehouseError) return null;
    throw error;
  } finally {
    following.stop();
  }
}

/** The greeting's words, and a line for each of the first events. */
export function greetingLines({ text, events }: ChatGreeting, { paint, columns }: Drawing): string[] {
  const lines = events.slice(0, MOST_EVENTS).map(({ started_at_ms, camera_id, summary, score }) => {
    const head = ["", when(started_at_ms), camera_id, ...(score === null ? [] : [score])].join("  ");
    return `${paint("dim", head)}  ${shorten(safeText(summary), Math.max(20, columns - head.length - 2))}`;
  });
  return [safeLines(text).trim(), ...lines];
}
