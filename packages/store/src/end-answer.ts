import type { ChatSource, ChatTimings, ChatUsage, ModelRef } from "@gatehouse/events";
import type { AnswerError, AnswerRow } from "./answers.ts";
import { CHAT_HANDLER, DUE_AGAIN, FIRST_VERSION } from "./due.ts";
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
    ${DUE_AGAIN})
  select (select turns from session) as turns from ended`;

/**
 * Ends an answer: its state, the message that is part of the conversation from now on, and, with `then`, the kind of due
 * work that follows under its request_id, in one statement.
 * @returns the turns of the conversation, if it has grown; `taken` when another has the answer, and nothing was written
 */
export async function endAnswer(
  db: Queryable,
  { request_id, epoch }: HeldAnswer,
  end: AnswerEnd,
  then: string | null = null,
): Promise<{ turns: number | null } | "taken"> {
  const json = (value: object | null) => value && jsonText(value);
  const { state, text, next_seq, sources, model, usage, timings, error } = end;
  const ended = [state, text, next_seq, json(sources), json(model), json(usage), json(timings), json(error)];
  const [row] = await db.query<{ turns: number | null }>(END, [request_id, epoch, ...ended, then], PREPARED);
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
