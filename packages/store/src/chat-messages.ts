import { decodeCursor, type Page, toPage } from "./cursor.ts";
import type { Queryable } from "./queryable.ts";

/** Something that was asked or answered. Written by chat-handler. */
export interface ChatMessageRow {
  message_id: number;
  user_id: string;
  session_id: string;
  request_id: string;
  role: "user" | "assistant";
  content: string;
  at_ms: number;
}

export interface MessageFilter {
  user_id: string;
  session_id: string;
  limit: number;
  cursor?: string | null;
}

/** What was said in a session, newest first. @throws {BadCursorError} */
export async function listChatMessages(
  db: Queryable,
  { user_id, session_id, limit, cursor }: MessageFilter,
): Promise<Page<ChatMessageRow>> {
  const before = cursor ? decodeCursor(cursor, 0)[0] : null;
  const rows = await db.query<ChatMessageRow>(
    `select * from chat_messages where user_id = $1 and session_id = $2 and ($3::bigint is null or message_id < $3)
     order by message_id desc limit $4`,
    [user_id, session_id, before, limit + 1],
  );
  return toPage(rows, limit, ({ message_id }) => [message_id]);
}
