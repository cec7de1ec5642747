import type { ChatMessage, ChatSource, ChatTimings, ChatUsage, ModelRef } from "@gatehouse/events";
import { CHAT_HANDLER, putDue } from "./due.ts";
import { jsonText } from "./json-text.ts";
import type { Queryable } from "./queryable.ts";

export type AnswerState = "waiting" | "running" | "done" | "failed" | "cancelled";

/** Why an answer is not whole. */
export interface AnswerError {
  code: string;
  message: string;
  /** Whether asking again can help. */
  retryable: boolean;
}

/** A message's answer, from when the message was taken in. Written by chat-handler; gateway puts failed ones back. */
export interface AnswerRow {
  request_id: string;
  user_id: string;
  session_id: string;
  /** The order in which messages were taken in. */
  position: number;
  state: AnswerState;
  request: ChatMessage;
  /** Raised whenever somebody takes it: what an older holder writes is refused. */
  epoch: number;
  /** Parts before this `seq` are in `text`; the stream may have more. */
  next_seq: number;
  text: string;
  sources: ChatSource[] | null;
  model: ModelRef | null;
  usage: ChatUsage | null;
  timings: ChatTimings | null;
  error: AnswerError | null;
  /** How often it was taken over since the last new word. */
  takeovers: number;
  cancelled_at_ms: number | null;
  created_at_ms: number;
  started_at_ms: number | null;
  ended_at_ms: number | null;
  /** When the last part and the whole answer had been published. */
  told_at_ms: number | null;
  /** Headers of the message's trace. */
  trace: Record<string, string>;
}

export async function findAnswer(db: Queryable, request_id: string): Promise<AnswerRow | null> {
  const [row] = await db.query<AnswerRow>("select * from answers where request_id = $1", [request_id]);
  return row ?? null;
}

/** The key under which a session's answers are due: one after the other. */
export const answerDueKey = (user_id: string, session_id: string): string => `${user_id}.${session_id}`;

/**
 * Puts a failed answer back, to be given anew: its stream goes on, behind the last part if that was told. `refused`: it did
 * not fail, or asking again cannot help. Run it in a transaction.
 */
export async function retryAnswer(
  tx: Queryable,
  request_id: string,
  user_id: string,
): Promise<"retried" | "refused" | "unknown"> {
  const [row] = await tx.query<{ session_id: string; is_retried: boolean }>(
    `with retried as (
       update answers set state = 'waiting', epoch = epoch + 1, next_seq = next_seq + (told_at_ms is not null)::int,
         "text" = '', sources = null, error = null, takeovers = 0,
         started_at_ms = null, ended_at_ms = null, told_at_ms = null, cancelled_at_ms = null
       where request_id = $1 and user_id = $2 and state = 'failed' and (error -> 'retryable')::boolean returning 1)
     select session_id, exists (select from retried) as is_retried from answers where request_id = $1 and user_id = $2`,
    [request_id, user_id],
  );
  if (!row) return "unknown";
  if (!row.is_retried) return "refused";
  const key = answerDueKey(user_id, row.session_id);
  await putDue(tx, { service: CHAT_HANDLER, kind: "answer", key, due_at_ms: Date.now() });
  return "retried";
}

/** What became of a cancel: `waiting` ends now, untold; `running` is up to its writer; `ended` was before; `unknown`: the user has no such answer. */
export type Cancelled = "waiting" | "running" | "ended" | "unknown";

/** Records that an answer is no longer wanted. One that nobody writes yet ends here, and telling it is due. Run it in a transaction. */
export async function cancelAnswer(
  tx: Queryable,
  { request_id, user_id, error }: { request_id: string; user_id: string; error: AnswerError },
): Promise<Cancelled> {
  const [before] = await tx.query<{ state: AnswerState }>(
    "select state from answers where request_id = $1 and user_id = $2 for update",
    [request_id, user_id],
  );
  if (!before) return "unknown";
  if (before.state === "waiting") {
    await tx.query(
      `update answers set state = 'cancelled', cancelled_at_ms = now_ms(), ended_at_ms = now_ms(), error = $2
       where request_id = $1`,
      [request_id, jsonText(error)],
    );
    await putDue(tx, { service: CHAT_HANDLER, kind: "tell", key: request_id, due_at_ms: Date.now() });
    return "waiting";
  }
  if (before.state !== "running") return "ended";
  await tx.query("update answers set cancelled_at_ms = coalesce(cancelled_at_ms, now_ms()) where request_id = $1", [
    request_id,
  ]);
  return "running";
}
