import type { AnswerError } from "./answers.ts";
import { jsonText } from "./json-text.ts";
import type { Queryable } from "./queryable.ts";

/**
 * Claims a request_id for a user: the first one owns it. Written by gateway and the services that answer requests.
 * False when it is another user's.
 */
export async function claimRequest(db: Queryable, request_id: string, user_id: string): Promise<boolean> {
  for (;;) {
    const written = await db.query(
      `insert into request_owners (request_id, user_id, at_ms) values ($1, $2, now_ms())
       on conflict do nothing returning 1`,
      [request_id, user_id],
    );
    if (written.length > 0) return true;
    const owner = await requestOwner(db, request_id);
    if (owner !== null) return owner === user_id;
  }
}

/**
 * Notes of a request that is not there yet that it is no longer wanted, and what its reader is told when it comes; claims it.
 * False when it is another user's.
 */
export async function cancelRequest(
  db: Queryable,
  { request_id, user_id, error }: { request_id: string; user_id: string; error: AnswerError },
): Promise<boolean> {
  const noted = await db.query(
    `insert into request_owners as o (request_id, user_id, at_ms, cancelled) values ($1, $2, now_ms(), $3)
     on conflict (request_id) do update set cancelled = excluded.cancelled where o.user_id = excluded.user_id returning 1`,
    [request_id, user_id, jsonText(error)],
  );
  return noted.length > 0;
}

/** The user that owns a request_id; null when nobody has claimed it. */
export async function requestOwner(db: Queryable, request_id: string): Promise<string | null> {
  const [row] = await db.query<{ user_id: string }>("select user_id from request_owners where request_id = $1", [
    request_id,
  ]);
  return row?.user_id ?? null;
}
