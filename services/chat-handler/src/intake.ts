import { type ChatMessage, chatMessage, decodeBody, isId, matchSubject, type Received } from "@gatehouse/events";
import type { Retriever } from "@gatehouse/retrieval";
import { ack, DUE_LEASE_MS, type MessageContext, type Verdict } from "@gatehouse/runtime";
import { type AnswerError, type TakenIn, takeInMessage } from "@gatehouse/store";
import { answerError } from "./answer-error.ts";
import type { BegunAnswer } from "./answering/answer-session.ts";
import { type Opening, openEarly } from "./answering/opening.ts";
import {
  BadTopKError,
  MessageEmptyError,
  MessageTooLongError,
  RequestIdTakenError,
  SessionNotYoursError,
  UnknownCollectionError,
} from "./errors.ts";
import type { Deps } from "./service.ts";

/** Characters, not bytes. */
const LONGEST_MESSAGE = 32_000;
const MOST_PASSAGES = 100;
/** Of a message that is refused, so much is kept. */
const KEPT_OF_REFUSED = 200;
const NOTHING_EARLY: Promise<Opening> = Promise.resolve({ window: null, head: null });

/** A message in: written down, its answer due, all in one statement. What is wrong with it is its answer. */
export async function takeIn(message: ChatMessage, context: MessageContext<Deps>): Promise<Verdict> {
  const { retriever, stage, hintModels } = context;
  const fault = await stage("check", () => faultOf(message, retriever));
  if (!fault) hintModels();
  await writeDown(message, fault && answerError(fault), context);
  return ack;
}

/** A message that does not decode: where it still says which answer it asks for, that one ends with what is wrong. */
export async function refuseMessage(
  { subject, body }: Received,
  why: unknown,
  context: MessageContext<Deps>,
): Promise<void> {
  const user_id = matchSubject(chatMessage, subject)?.user_id;
  const request_id = requestIdIn(body);
  if (!user_id || !isId(user_id) || !request_id) return;
  await writeDown({ ...chatMessage.example, request_id, user_id, message: "" }, answerError(why), context);
}

function requestIdIn(body: Uint8Array): string | null {
  try {
    const { request_id } = decodeBody(body).fields;
    return typeof request_id === "string" && isId(request_id) ? request_id : null;
  } catch {
    return null;
  }
}

/**
 * Written down; an answer in whose session nobody is at work begins here and now, and the model was asked meanwhile.
 * @throws {RequestIdTakenError}
 */
async function writeDown(message: ChatMessage, refused: AnswerError | null, context: MessageContext<Deps>) {
  const { wakeDue, beginDue } = context;
  const { request_id } = message;
  const opening = refused ? NOTHING_EARLY : openEarly(message, context);
  const asked_ms = performance.now();
  const taken_in = await takenIn(message, refused, context).catch((error: unknown) => {
    void dropped(opening);
    throw error;
  });
  if (taken_in.became === "begun") {
    const { due, ...begun } = taken_in;
    const handed: BegunAnswer = { ...begun, opening };
    return beginDue({ ...due, handed }, asked_ms);
  }
  void dropped(opening);
  if (taken_in.became === "theirs")
    throw new RequestIdTakenError(`Cannot answer request "${request_id}" as it must be the user's own`);
  if (taken_in.became === "refused") wakeDue("tell");
  if (taken_in.became === "waiting") wakeDue("answer");
}

const dropped = async (opening: Promise<Opening>): Promise<void> => (await opening).head?.drop();

function takenIn(
  message: ChatMessage,
  refused: AnswerError | null,
  { db, stage, trace }: MessageContext<Deps>,
): Promise<TakenIn> {
  const { user_id, session_id = user_id } = message;
  const kept = refused ? message.message.slice(0, KEPT_OF_REFUSED) : message.message;
  const not_yours = {
    code: SessionNotYoursError.code,
    message: `Cannot answer as session "${session_id}" must be the user's own`,
    retryable: false,
  };
  return stage("intake", () =>
    takeInMessage(db, {
      message: { ...message, session_id, message: kept },
      refused,
      not_yours,
      trace: trace(),
      lease_ms: DUE_LEASE_MS,
    }),
  );
}

/** What is wrong with a message that decodes, or null. */
async function faultOf(
  { message, top_k, collection, enable_rag }: ChatMessage,
  retriever: Retriever,
): Promise<Error | null> {
  if (message.trim() === "")
    return new MessageEmptyError("Cannot answer as message must have words in it: it is blank");
  if (message.length > LONGEST_MESSAGE && [...message].length > LONGEST_MESSAGE)
    return new MessageTooLongError(
      `Cannot answer as message must be at most ${LONGEST_MESSAGE} characters: current length is ${[...message].length}`,
    );
  if (top_k < 1 || top_k > MOST_PASSAGES)
    return new BadTopKError(`Cannot answer as top_k must be 1..${MOST_PASSAGES}: current value is ${top_k}`);
  if (!enable_rag || collection === undefined || (await retriever.hasCollection(collection))) return null;
  return new UnknownCollectionError(`Cannot answer as collection must be one that there is: it is "${collection}"`);
}
