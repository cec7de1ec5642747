import type { ChatMessage } from "@gatehouse/events";
import { type AnswerError, type AnswerRow, answerDueKey } from "./answers.ts";
import { CHAT_HANDLER, DUE_AGAIN, FIRST_VERSION } from "./due.ts";
import type { ClaimedDue } from "./due-store.ts";
import { jsonText } from "./json-text.ts";
import { PREPARED, type Queryable } from "./queryable.ts";

/** A message that came, and what is wrong with it (null: nothing). */
export interface NewMessage {
  message: ChatMessage & { session_id: string };
  refused: AnswerError | null;
  /** What is wrong when the session turns out to be another user's. */
  not_yours: AnswerError;
  /** Headers of the message's trace. */
  trace: Readonly<Record<string, string>>;
  /** An answer that can begin at once is taken, and its due row claimed for so long. Absent: none is. */
  lease_ms?: number;
}

/**
 * What became of a message. `theirs`: its request_id is another user's, and nothing was written; `known`: it was taken in
 * before; `refused`, or cancelled before it came: telling so is due; `waiting`: its session has other open answers; `begun`: it is taken, and its due row claimed.
 */
export type TakenIn =
  | { became: "theirs" | "known" | "refused" | "waiting" }
  | { became: "begun"; due: ClaimedDue; answer: AnswerRow; turns: number };

/** One statement: who asks waits for it. A session that has nothing to do is begun with at once, so that nobody need look for it. */
const TAKE_IN = `with owner as (
    insert into request_owners (request_id, user_id, at_ms) values ($3, $1, now_ms())
    on conflict (request_id) do update set user_id = request_owners.user_id returning user_id, cancelled),
  before as (select
    exists (select from chat_sessions where session_id = $2 and user_id = $1) as is_known,
    exists (select from chat_sessions where session_id = $2 and user_id <> $1) as is_others,
    exists (select from due where service = '${CHAT_HANDLER}' and kind = 'answer' and key = $4) or $10::bigint is null as is_busy),
  refusal as (select coalesce($5::jsonb, case when is_others and not is_known and $1::text <> $2::text then $6::jsonb end) as error
    from before),
  outlook as (select user_id, coalesce(error, cancelled) as error,
      case when error is not null then 'failed' when cancelled is not null then 'cancelled'
        when is_busy then 'waiting' else 'running' end as state
    from owner, before, refusal),
  answer as (
    insert into answers (request_id, user_id, session_id, state, epoch, request, error, created_at_ms, started_at_ms, ended_at_ms,
      cancelled_at_ms, trace)
    select $3, $1, $2, state, case state when 'running' then 1 else 0 end, $7::jsonb, error, now_ms(),
      case state when 'running' then now_ms() end, case when error is not null then now_ms() end,
      case state when 'cancelled' then now_ms() end, $8::jsonb
    from outlook where user_id = $1
    on conflict (request_id) do nothing returning *),
  session as (
    insert into chat_sessions (user_id, session_id, created_at_ms, last_at_ms)
    select $1, $2, now_ms(), now_ms() from answer where state <> 'failed'
    on conflict (user_id, session_id) do update set last_at_ms = excluded.last_at_ms returning turns),
  said as (
    insert into chat_messages (user_id, session_id, request_id, role, content, at_ms)
    select $1, $2, $3, 'user', $9, now_ms() from answer where state <> 'failed'),
  todo as (
    insert into due (service, kind, key, due_at_ms, payload, trace, version, lease_until_ms, lease_token)
    select '${CHAT_HANDLER}', case when error is null then 'answer' else 'tell' end, case when error is null then $4 else $3 end,
      now_ms(), 'null', $8::jsonb, ${FIRST_VERSION}, case state when 'running' then now_ms() + $10 end,
      case state when 'running' then gen_random_uuid() end from answer
    ${DUE_AGAIN}, payload = excluded.payload, trace = excluded.trace
    returning due.*, xmax = 0 as is_new)
  select (select user_id from owner) = $1 as is_mine, (select to_jsonb(answer) from answer) as answer,
    (select to_jsonb(todo) from todo where is_new and lease_token is not null) as due, (select turns from session) as turns`;

interface Row {
  is_mine: boolean;
  answer: AnswerRow | null;
  due: ClaimedDue | null;
  /** Null where the message was refused. */
  turns: number | null;
}

/**
 * Writes a message down: who owns it, its session, what was asked, and that answering it is due; or that it was refused,
 * and that telling so is due. A repeat changes nothing.
 */
export async function takeInMessage(
  db: Queryable,
  { message, refused, not_yours, trace, lease_ms }: NewMessage,
): Promise<TakenIn> {
  const { request_id, user_id, session_id } = message;
  const values = [
    user_id,
    session_id,
    request_id,
    answerDueKey(user_id, session_id),
    refused && jsonText(refused),
    jsonText(not_yours),
    jsonText(message),
    jsonText(trace),
    message.message.toWellFormed(),
    lease_ms ?? null,
  ];
  const [row] = await db.query<Row>(TAKE_IN, values, PREPARED);
  const { is_mine, answer, due, turns } = row!;
  if (!is_mine) return { became: "theirs" };
  if (!answer) return { became: "known" };
  if (answer.error !== null) return { became: "refused" };
  return due ? { became: "begun", due, answer, turns: turns ?? 0 } : { became: "waiting" };
}
