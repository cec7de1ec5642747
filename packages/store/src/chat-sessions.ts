import { decodeCursor, type Page, toPage } from "./cursor.ts";
import type { Queryable } from "./queryable.ts";

/** A conversation of one user. Written by chat-handler. */
export interface ChatSessionRow {
  user_id: string;
  session_id: string;
  /** Answers that are part of the conversation. */
  turns: number;
  created_at_ms: number;
  last_at_ms: number;
}

export async function findChatSession(
  db: Queryable,
  user_id: string,
  session_id: string,
): Promise<ChatSessionRow | null> {
  const [row] = await db.query<ChatSessionRow>("select * from chat_sessions where user_id = $1 and session_id = $2", [
    user_id,
    session_id,
  ]);
  return row ?? null;
}

/** A user's conversations, the one last spoken in first. @throws {BadCursorError} */
export async function listChatSessions(
  db: Queryable,
  { user_id, limit, cursor }: { user_id: string; limit: number; cursor?: string | null },
): Promise<Page<ChatSessionRow>> {
  const [at_ms, session_id] = cursor ? decodeCursor(cursor, 1) : [null, null];
  const rows = await db.query<ChatSessionRow>(
    `select * from chat_sessions where user_id = $1 and ($2::bigint is null or (last_at_ms, session_id) < ($2, $3::text collate "C"))
     order by last_at_ms desc, session_id desc limit $4`,
    [user_id, at_ms, session_id, limit + 1],
  );
  return toPage(rows, limit, (row) => [row.last_at_ms, row.session_id]);
}
