import type { ChatSource, ChatTimings, ChatUsage, ModelRef } from "@gatehouse/events";
import type { AnswerError, AnswerRow } from "./answers.ts";
import { CHAT_HANDLER, DUE_AGAIN, FIRST_VERSION } from "./due.ts";
import { type HeldDue, heldBy } from "./due-store.ts";
import { jsonText } from "./json-text.ts";
import { PREPARED, type Queryable } from "./queryable.ts";

/** An answer as whoever took it knows it. */
export type HeldAnswer = Pick<AnswerRow, "request_id" | "epoch">;

/** How far an answer is. */
export interface AnswerSoFar {
  text: string;
  /** Parts before this `seq` are in the text. */
  next_seq: number;
  sources: ChatSource[] | null;
}

/** How an answer ended. */
export interface AnswerEnd extends AnswerSoFar {
  state: "done" | "failed" | "cancelled";
  model: ModelRef | null;
  usage: ChatUsage | null;
  timings: ChatTimings | null;
  error: AnswerError | null;
}

/** Keeps what was said so far. `taken`: another has the answer; `cancelled`: it is no longer wanted. */
export async function saveAnswer(
  db: Queryable,
  { request_id, epoch }: HeldAnswer,
  { text, next_seq, sources }: AnswerSoFar,
): Promise<"kept" | "cancelled" | "taken"> {
  const [row] = await db.query<{ cancelled_at_ms: number | null }>(
    `update answers set "text" = $3, next_seq = $4, sources = $5,
       takeovers = case when length("text") < length($3) then 0 else takeovers end
     where request_id = $1 and epoch = $2 and state = 'running' returning cancelled_at_ms`,
    [request_id, epoch, text, next_seq, sources && jsonText(sources)],
    PREPARED,
  );
  if (!row) return "taken";
  return row.cancelled_at_ms === null ? "kept" : "cancelled";
}

/** A turn with words in it, however it ended, becomes part of the conversation; one that failed may be answered again. */
const END = `with ended as (
    update answers set state = $3, "text" = $4, next_seq = $5, sources = $6, model = $7, usage = $8, timings = $9, error = $10,
      ended_at_ms = now_ms()
    where request_id = $1 and epoch = $2 and state = 'running' returning user_id, session_id),
  said as (
    insert into chat_messages (user_id, session_id, request_id, role, content, at_ms)
    select user_id, session_id, $1, 'assistant', $4, now_ms() from ended where $3 <> 'failed' and $4 <> ''
    on conflict (request_id, role) do nothing returning user_id, session_id),
  session as (
    update chat_sessions s set turns = turns + 1, last_at_ms = now_ms() from said
    where s.user_id = said.user_id and s.session_id = said.session_id returning turns),
  todo as (
    insert into due (service, kind, key, due_at_ms, payload, version)
    select '${CHAT_HANDLER}', $11, $1, now_ms(), 'null', ${FIRST_VERSION} from said where $11::text is not null
    ${DUE_AGAIN}),
  released as (
    delete from due using ended where service = $12 and kind = $13 and key = $14 and lease_token = $15::uuid and version = $16
      and not exists (select from answers o where o.user_id = ended.user_id and o.session_id = ended.session_id
        and o.told_at_ms is null and o.request_id <> $1)
    returning 1)
  select (select turns from session) as turns, exists (select from released) as is_released from ended`;

/** What belongs to the end of an answer. */
export interface Ending {
  /** The kind of due work that follows under its request_id; null: none does. */
  followed_by?: string | null;
  /** The row under which the session's answers are due: removed if the session has nothing else to do. */
  due?: HeldDue;
}

/** What an end changed. */
export interface Ended {
  /** Of the conversation, if it has grown. */
  turns: number | null;
  /** The due row was removed: the session's next message begins at once. */
  is_released: boolean;
}

/**
 * Ends an answer: its state, the message that is part of the conversation from now on, and what belongs to that, in one
 * statement. `taken`: another has the answer, and nothing was written.
 */
export async function endAnswer(
  db: Queryable,
  { request_id, epoch }: HeldAnswer,
  end: AnswerEnd,
  { followed_by = null, due }: Ending = {},
): Promise<Ended | "taken"> {
  const json = (value: object | null) => value && jsonText(value);
  const { state, text, next_seq, sources, model, usage, timings, error } = end;
  const ended = [state, text, next_seq, json(sources), json(model), json(usage), json(timings), json(error)];
  const held = due ? [...heldBy(due), due.version] : Array(5).fill(null);
  const [row] = await db.query<Ended>(END, [request_id, epoch, ...ended, followed_by, ...held], PREPARED);
  return row ?? "taken";
}

/** Notes that everybody was told how an answer ended. */
export async function markAnswerTold(db: Queryable, { request_id, epoch }: HeldAnswer): Promise<void> {
  await db.query(
    `update answers set told_at_ms = now_ms()
     where request_id = $1 and epoch = $2 and state in ('done', 'failed', 'cancelled') and told_at_ms is null`,
    [request_id, epoch],
    PREPARED,
  );
}

/** Answers that ended before that and of which nobody noted that it was told, oldest first. */
export function untoldAnswers(db: Queryable, before_ms: number, most: number): Promise<AnswerRow[]> {
  return db.query<AnswerRow>(
    `select * from answers where told_at_ms is null and state in ('done', 'failed', 'cancelled') and ended_at_ms < $1
     order by ended_at_ms limit $2`,
    [before_ms, most],
    PREPARED,
  );
}
