import { type ChatPart, chatResponseStream, decodeEvent, subjectOf } from "@gatehouse/events";
import { type Bus, type StoredMessage, StreamResetError, streamOf } from "@gatehouse/runtime";
import type { AnswerRow } from "@gatehouse/store";
import type { StreamPlace } from "./answer-stream.ts";

/** What readers of an answer were told by whoever had it before. */
export interface ToldSoFar extends StreamPlace {
  /** The last part said that the answer was over, or not all of it is known: readers must drop what they have. */
  is_stale: boolean;
  /** Words were told since the row was saved. */
  has_news: boolean;
}

/** Long enough for any answer: what is not read then went meanwhile. */
const LOOK_MS = 10_000;

/** Reads what the stream has of an answer beyond what its row has: again, when the stream changed meanwhile. */
export async function toldSoFar(bus: Bus, answer: AnswerRow, signal: AbortSignal): Promise<ToldSoFar> {
  while (true) {
    const told = await look(bus, answer, AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]));
    if (told) return told;
    signal.throwIfAborted();
  }
}

async function look(bus: Bus, answer: AnswerRow, signal: AbortSignal): Promise<ToldSoFar | null> {
  const { next_seq, text, sources } = answer;
  const subject = subjectOf(chatResponseStream, answer);
  const stream = streamOf(subject);
  const told = { next_seq, text, sources, last_seq: 0, is_stale: next_seq > 0, has_news: false };
  const last = await bus.lastMessage(stream, subject);
  if (!last) return told;
  told.is_stale = false;
  try {
    for await (const message of bus.follow(stream, "all", { filter: subject, signal })) {
      add(told, message);
      if (message.seq >= last.seq) return told;
    }
  } catch (error) {
    if (!(error instanceof StreamResetError)) throw error;
  }
  return null;
}

function add(told: ToldSoFar, message: StoredMessage): void {
  const part = partIn(message);
  told.last_seq = message.seq;
  if (!part) {
    told.is_stale = true;
    return;
  }
  if (part.seq < told.next_seq) {
    told.is_stale = part.done;
    return;
  }
  if (part.mode === "restarted") Object.assign(told, { text: "", is_stale: false });
  else if (part.done || part.seq > told.next_seq) told.is_stale = true;
  told.next_seq = part.seq + 1;
  if (part.type === "sources") told.sources = part.sources ?? [];
  if (part.type !== "chunk") return;
  told.text += part.content;
  told.has_news = true;
}

/** Null: it is no part, whoever published it. */
function partIn(message: StoredMessage): ChatPart | null {
  try {
    return decodeEvent(chatResponseStream, message);
  } catch {
    return null;
  }
}

/** The last part of an answer on its stream (null: what is there is none), and where it is kept; null when there is nothing. */
export async function lastPart(
  bus: Bus,
  request_id: string,
): Promise<{ part: ChatPart | null; last_seq: number } | null> {
  const subject = subjectOf(chatResponseStream, { request_id });
  const last = await bus.lastMessage(streamOf(subject), subject);
  return last && { part: partIn(last), last_seq: last.seq };
}
