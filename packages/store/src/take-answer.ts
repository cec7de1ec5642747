import { type AnswerRow, answerDueKey } from "./answers.ts";
import { CHAT_HANDLER } from "./due.ts";
import { PREPARED, type Queryable } from "./queryable.ts";

/** A question and its answer, whole. */
export interface Turn {
  asked: string;
  answered: string;
}

/** An answer in hand, and the conversation before it. */
export interface TakenAnswer {
  answer: AnswerRow;
  /** Answers that are part of the conversation. */
  turns: number;
  /** The newest turns before it, oldest first; null where the caller knows them. */
  history: Turn[] | null;
}

export interface TakeAnswer {
  user_id: string;
  session_id: string;
  /** The caller knows the turns of the conversation when there are so many; null: it knows none. */
  known_turns: number | null;
  /** The most characters of the turns before. */
  characters: number;
}

/** Turns that are looked at, at most. */
const MOST_TURNS = 200;

/** The turns before as JSON, the newest that have room: of user $1 in session $2, at most $3 characters. */
const HISTORY = `(
  select coalesce(jsonb_agg(jsonb_build_object('asked', asked, 'answered', answered) order by message_id), '[]') from (
    select a.message_id, u.content as asked, a.content as answered,
      sum(length(u.content) + length(a.content)) over (order by a.message_id desc) as characters
    from (select request_id, message_id, content from chat_messages
        where user_id = $1 and session_id = $2 and role = 'assistant' order by message_id desc limit ${MOST_TURNS}) a
      join chat_messages u on u.request_id = a.request_id and u.role = 'user') before
  where characters <= $3)`;

const TAKE = `with next as (
    select request_id from answers where user_id = $1 and session_id = $2 and told_at_ms is null
      order by (state = 'running') desc, position limit 1),
  taken as (
    update answers a set epoch = epoch + 1, takeovers = takeovers + (state = 'running')::int,
      state = case state when 'waiting' then 'running' else state end, started_at_ms = coalesce(started_at_ms, now_ms())
    from next where a.request_id = next.request_id and told_at_ms is null returning a.*)
  select to_jsonb(taken) as answer, coalesce(s.turns, 0) as turns, case when s.turns = $4 then null else ${HISTORY} end as history
  from taken left join chat_sessions s on s.user_id = $1 and s.session_id = $2`;

/**
 * Takes a session's first answer that somebody still waits for, or the one that was begun: whoever had it before can write
 * nothing any more. Its state is `running`, or how it ended if only that must still be told. Null: there is none.
 */
export async function takeAnswer(
  db: Queryable,
  { user_id, session_id, known_turns, characters }: TakeAnswer,
): Promise<TakenAnswer | null> {
  const [row] = await db.query<TakenAnswer>(TAKE, [user_id, session_id, characters, known_turns], PREPARED);
  return row ?? null;
}

/** A conversation as it stands. */
export interface Conversation {
  /** Answers that are part of it. */
  turns: number;
  /** The newest of them, oldest first. */
  history: Turn[];
  /** Some of its answers are open. */
  is_busy: boolean;
}

const READ = `select ${HISTORY} as history,
  coalesce((select turns from chat_sessions where user_id = $1 and session_id = $2), 0) as turns,
  exists (select from due where service = '${CHAT_HANDLER}' and kind = 'answer' and key = $4) as is_busy`;

/** Reads a conversation with turns of at most so many characters. */
export async function readConversation(
  db: Queryable,
  { user_id, session_id, characters }: Omit<TakeAnswer, "known_turns">,
): Promise<Conversation> {
  const values = [user_id, session_id, characters, answerDueKey(user_id, session_id)];
  const [row] = await db.query<Conversation>(READ, values, PREPARED);
  return row!;
}
