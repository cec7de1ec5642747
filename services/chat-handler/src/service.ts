import { chatCancel, chatMessage } from "@gatehouse/events";
import type { Llm } from "@gatehouse/models";
import { type Bus, defineService, input, type SharedConfig } from "@gatehouse/runtime";
import type { Cache, Database } from "@gatehouse/store";
import { answerSession } from "./answering/answer-session.ts";
import type { LiveCancels } from "./answering/live-cancels.ts";
import type { Retriever } from "./answering/retriever.ts";
import { tellAnswer } from "./answering/tell-answer.ts";
import { cancel } from "./cancel.ts";
import { config } from "./config.ts";
import { forgetChats } from "./forget-old.ts";
import { refuseMessage, takeIn } from "./intake.ts";
import { SERVICE } from "./service-name.ts";
import { start } from "./start.ts";

/** What the flow leans on. */
export interface Deps {
  readonly db: Database;
  readonly bus: Bus;
  readonly cache: Cache;
  readonly llm: Llm;
  readonly settings: SharedConfig["chat"];
  /** Null: nothing is looked for. */
  readonly retriever: Retriever | null;
  readonly cancels: LiveCancels;
  /** The kind of due work that follows an answer, under its request_id; null: none does. */
  readonly after_answer: string | null;
  /** What is older is forgotten. */
  readonly keep_days: number;
  /** A message will be answered soon: models that share a card are loaded, if there is room. */
  hintModels(): void;
}

/** A session's turns are answered one after the other, each for as long as it may take. */
const TURNS = { in_flight: 256, max_handling_ms: 3 * 3_600_000, alone_after_crashes: Number.POSITIVE_INFINITY };

export const service = defineService({
  name: SERVICE,
  config,
  inputs: [input("chat-handler", chatMessage, takeIn, refuseMessage), input("chat-handler-cancel", chatCancel, cancel)],
  due: { answer: { handle: answerSession, ...TURNS }, tell: tellAnswer, forget: forgetChats },
  start,
});
