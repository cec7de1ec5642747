import { cameraEventCreated, cameraEventUpdated, chatCancel, chatLogin, chatMessage } from "@gatehouse/events";
import type { Embedder, Llm } from "@gatehouse/models";
import type { Retriever } from "@gatehouse/retrieval";
import { type Bus, defineService, input, type SharedConfig } from "@gatehouse/runtime";
import type { Cache, Database, VectorStore } from "@gatehouse/store";
import { ANSWERS_AT_ONCE, answerSession } from "./answering/answer-session.ts";
import type { EarlyQuestions } from "./answering/early-questions.ts";
import type { Gathering } from "./answering/gathering.ts";
import type { LiveCancels } from "./answering/live-cancels.ts";
import { tellAnswer } from "./answering/tell-answer.ts";
import { tellUntold } from "./answering/tell-untold.ts";
import { cancel } from "./cancel.ts";
import { config } from "./config.ts";
import { type Ages, forgetHouse } from "./forget-old.ts";
import { greet } from "./greeting/greet.ts";
import type { HouseTime } from "./house-time.ts";
import { checkIndex } from "./indexing/check-index.ts";
import { embedPassages } from "./indexing/embed-passages.ts";
import { indexDocument } from "./indexing/index-document.ts";
import { indexEvent } from "./indexing/index-event.ts";
import { indexTurn } from "./indexing/index-turn.ts";
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
  readonly retriever: Retriever;
  readonly vectors: VectorStore;
  /** Null: passages are found by their words. */
  readonly embedder: Embedder | null;
  readonly time: HouseTime;
  readonly cancels: LiveCancels;
  readonly early: EarlyQuestions;
  readonly gathering: Gathering;
  /** The kind of due work that follows an answer, under its request_id; null: none does. */
  readonly after_answer: string | null;
  /** What is older is forgotten. */
  readonly ages: Ages;
  /** A message will be answered soon: models that share a card are loaded, if there is room. */
  hintModels(): void;
}

/** Nobody waits for it: looking for it seldom costs less. */
const SELDOM = { look_every_ms: 2_000 };
/** A session's turns are answered one after the other, each for as long as it may take. */
const TURNS = {
  in_flight: ANSWERS_AT_ONCE,
  max_handling_ms: 3 * 3_600_000,
  alone_after_crashes: Number.POSITIVE_INFINITY,
};

/** Each document that is read may take 512 MB. */
const READING = { in_flight: 2 };

export const service = defineService({
  name: SERVICE,
  config,
  inputs: [
    input("chat-handler", chatMessage, takeIn, refuseMessage),
    input("chat-handler-cancel", chatCancel, cancel),
    input("chat-handler-logins", chatLogin, greet),
    input("chat-handler-events", cameraEventCreated, indexEvent),
    input("chat-handler-events", cameraEventUpdated, indexEvent),
  ],
  due: {
    answer: { handle: answerSession, ...TURNS },
    tell: tellAnswer,
    untold: { handle: tellUntold, ...SELDOM },
    "index-turn": { handle: indexTurn, ...SELDOM },
    document: { handle: indexDocument, ...READING },
    embed: embedPassages,
    "check-index": { handle: checkIndex, ...SELDOM },
    forget: { handle: forgetHouse, ...SELDOM },
  },
  start,
});
