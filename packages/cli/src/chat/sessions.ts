import { GatewayRefusedError } from "../errors.ts";
import type { Access } from "../gateway/access.ts";
import { askGateway } from "../gateway/ask-gateway.ts";
import { when } from "../terminal/event-line.ts";
import type { Paint } from "../terminal/paint.ts";
import { safeText } from "../terminal/safe-text.ts";
import { table } from "../terminal/table.ts";

interface KeptMessage {
  role: "user" | "assistant";
  content: string;
  at_ms: number;
}
interface KeptSession {
  session_id: string;
  turns: number;
  last_at_ms: number;
}

const SESSIONS = "/api/chat/sessions";
const MOST_MESSAGES = 200;
const MOST_SESSIONS = 20;

/** What was asked before in a conversation, the newest first. */
export async function earlierInputs(access: Access, session_id: string): Promise<string[]> {
  try {
    const path = `${SESSIONS}/${encodeURIComponent(session_id)}/messages`;
    const query = { limit: MOST_MESSAGES };
    const { items } = await askGateway<{ items: KeptMessage[] }>(access, path, { query });
    const asked = items.filter(({ role }) => role === "user").sort((one, other) => other.at_ms - one.at_ms);
    return asked.map(({ content }) => safeText(content));
  } catch (error) {
    // Nothing was asked in it yet.
    if (error instanceof GatewayRefusedError && error.facts.status === 404) return [];
    throw error;
  }
}

/** The last conversations as a table; the current one has a mark. */
export async function sessionsText(access: Access, current: string, paint: Paint): Promise<string> {
  const { items } = await askGateway<{ items: KeptSession[] }>(access, SESSIONS, { query: { limit: MOST_SESSIONS } });
  const rows = items.map(({ session_id, turns, last_at_ms }) => [
    `${session_id === current ? "›" : "-"} ${session_id}`,
    String(turns),
    when(last_at_ms),
  ]);
  return rows.length === 0 ? "No conversation yet\n" : table(["  conversation", "answers", "last"], rows, paint);
}
