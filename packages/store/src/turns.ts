import type { Queryable } from "./queryable.ts";

/** A question and its answer, both part of the conversation. */
export interface EndedTurn {
  user_id: string;
  session_id: string;
  asked: string;
  answered: string;
  /** When it was answered. */
  at_ms: number;
  /** Sources were looked for, and nothing fitted. */
  found_nothing: boolean;
}

/** A turn that has ended; null when it has no answer, or is not kept any more. */
export async function findTurn(db: Queryable, request_id: string): Promise<EndedTurn | null> {
  const [row] = await db.query<EndedTurn>(
    `select a.user_id, a.session_id, u.content as asked, a.content as answered, a.at_ms,
       exists (select 1 from answers where request_id = $1 and sources = '[]') as found_nothing
     from chat_messages a join chat_messages u on u.request_id = a.request_id and u.role = 'user'
     where a.request_id = $1 and a.role = 'assistant'`,
    [request_id],
  );
  return row ?? null;
}
