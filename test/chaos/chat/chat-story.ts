import type { AnswerPart } from "../../harness/chat-client.ts";
import type { Recital } from "../../harness/recital.ts";
import type { Asked } from "../../harness/reciting-llm.ts";

/** A question that was accepted: the broker, or a gateway, said so. */
export interface AcceptedQuestion {
  request_id: string;
  user_id: string;
  session_id: string;
  /** Its place in the session, from 0. */
  turn: number;
  recital: Recital;
}

/** A row of `chat_messages`. */
export interface HistoryRow {
  message_id: string;
  user_id: string;
  session_id: string;
  request_id: string;
  role: "user" | "assistant";
  content: string;
}

/** Everything that was written down: by readers, by the bus, by the models, and in the database at the end. */
export interface ChatStory {
  questions: AcceptedQuestion[];
  /** What each reader was told, by request. */
  readers: ReadonlyMap<string, readonly AnswerPart[]>[];
  /** What the bus has kept of each answer, by request. */
  bus: ReadonlyMap<string, readonly AnswerPart[]>;
  /** What readers, or the models, took for wrong themselves. */
  noted: string[];
  asked: Asked[];
  /** Of the whole table, as it was written. */
  history: HistoryRow[];
  /** The whole answer of a request as it is given any time later; null: there is none. */
  whole: ReadonlyMap<string, string | null>;
  /** `{subject}: {code} {reason}` */
  dead_letters: string[];
}
