import type { ChatMessage } from "@gatehouse/events";
import { type AnswerError, type AnswerState, answerDueKey } from "./answers.ts";
import { CHAT_HANDLER, DUE_AGAIN, FIRST_VERSION } from "./due.ts";
import type { Queryable } from "./queryable.ts";

/** A message that came, and what is wrong with it (null: nothing). */
export interface NewMessage {
  message: ChatMessage & { session_id: string };
  refused: AnswerError | null;
  /** What is wrong when the session turns out to be another user's. */
  not_yours: AnswerError;
  /** Headers of the message's trace. */
  trace: Readonly<Record<string, string>>;
}

/** What became of a message: `theirs`: its request_id is another user's, and nothing was written; `known`: it was taken in before. */
export type TakenIn = "theirs" | "known" | Extract<AnswerState, "waiting" | "failed">;

/** One statement: who asks waits for it. */
const TAKE_IN = `with owner as (
    insert into request_owners (request_id, user_id, at_ms) values ($1, $2, now_ms())
    on conflict (request_id) do update set user_id = request_owners.user_id returning user_id),
  known as (select 1 from chat_sessions where session_id = $3 and user_id = $2),
  others as (select 1 from chat_sessions where session_id = $3 and user_id <> $2),
  refusal as (select coalesce($5::jsonb,
    case when $3::text <> $2::text and exists (select from others) and not exists (select from known) then $6::jsonb end) as error),
  answer as (
    insert into answers (request_id, user_id, session_id, state, request, error, created_at_ms, ended_at_ms, trace)
    select $1, $2, $3, case when error is null then 'waiting' else 'failed' end, $4::jsonb, error, now_ms(),
      case when error is not null then now_ms() end, $7::jsonb
    from refusal where (select user_id from owner) = $2
    on conflict (request_id) do nothing returning state),
  session as (
    insert into chat_sessions (user_id, session_id, created_at_ms, last_at_ms)
    select $2, $3, now_ms(), now_ms() from answer where state = 'waiting'
    on conflict (user_id, session_id) do update set last_at_ms = excluded.last_at_ms),
  said as (
    insert into chat_messages (user_id, session_id, request_id, role, content, at_ms)
    select $2, $3, $1, 'user', $8, now_ms() from answer where state = 'waiting'),
  todo as (
    insert into due (service, kind, key, due_at_ms, payload, trace, version)
    select '${CHAT_HANDLER}', case state when 'waiting' then 'answer' else 'tell' end, case state when 'waiting' then $9 else $1 end,
      now_ms(), 'null', $7::jsonb, ${FIRST_VERSION} from answer
    ${DUE_AGAIN}, payload = excluded.payload, trace = excluded.trace)
  select (select user_id from owner) = $2 as is_mine, (select state from answer) as state`;

/**
 * Writes a message down: who owns it, its session, what was asked, and that answering it is due; or that it was refused,
 * and that telling so is due. A repeat changes nothing.
 */
export async function takeInMessage(
  db: Queryable,
  { message, refused, not_yours, trace }: NewMessage,
): Promise<TakenIn> {
  const { request_id, user_id, session_id } = message;
  const [row] = await db.query<{ is_mine: boolean; state: "waiting" | "failed" | null }>(TAKE_IN, [
    request_id,
    user_id,
    session_id,
    JSON.stringify(message, (_name, value) => (typeof value === "string" ? value.toWellFormed() : value)),
    refused && JSON.stringify(refused),
    JSON.stringify(not_yours),
    JSON.stringify(trace),
    message.message.toWellFormed(),
    answerDueKey(user_id, session_id),
  ]);
  if (!row!.is_mine) return "theirs";
  return row!.state ?? "known";
}
