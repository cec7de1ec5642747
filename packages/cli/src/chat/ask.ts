import type { ChatPart } from "@gatehouse/events";
import { GatewayDownError, GatewayRefusedError, NoAnswerError } from "../errors.ts";
import { askGateway } from "../gateway/ask-gateway.ts";
import { Following } from "../gateway/following.ts";
import type { Answer, Change, KeptAnswer } from "./answer.ts";
import type { Talk } from "./talk.ts";

/** What is asked, as the chat-handler takes it. */
interface Question {
  request_id: string;
  message: string;
  session_id?: string;
  enable_rag: boolean;
  enable_reranker: boolean;
  top_k?: number;
  collection?: string;
}

export interface Asking {
  /** Takes what is heard. */
  answer: Answer;
  /** Aborted: the answer is no longer wanted. */
  signal: AbortSignal;
}

/** When nothing was heard for so long, the gateway is asked whether the answer is over. */
const SILENCE_MS = 15_000;
/** Nothing at all is heard for so long: nobody answers. */
const GIVE_UP_MS = 10 * 60_000;
/** A cancelled answer says so within this time, else it is not waited for. */
const CANCELLED_MS = 5_000;

/**
 * Asks, and tells what changes in the answer until it is over; aborted, it is cancelled.
 * @throws {GatewayRefusedError} when the question is not taken
 * @throws {GatewayDownError} when the gateway is away for too long
 * @throws {NoAnswerError} when nothing was heard for 10 min, or 5 s after it was cancelled
 */
export function askQuestion(talk: Talk, question: Question, { answer, signal }: Asking): AsyncGenerator<Change> {
  return follow(talk, { answer, signal, anew: "all" }, async (following) => {
    const data = { ...question, user_id: talk.user_id };
    const published = talk.line.publish(`ai.chat.user.${talk.user_id}.message`, data, question.request_id);
    published.catch((error: Error) => following.fail(error));
  });
}

/** Has an answer that failed begun again, and tells what changes in it. @throws as `askQuestion` */
export function retryAnswer(talk: Talk, { answer, signal }: Asking): AsyncGenerator<Change> {
  return follow(talk, { answer, signal, anew: "new" }, async (following) => {
    await following.began;
    await askGateway(talk.access, `${pathOf(answer.request_id)}/retry`, { method: "POST" });
  });
}

/** An answer as the gateway keeps it; null when it does not know it, or cannot be asked now. */
async function findAnswer({ access }: Pick<Talk, "access">, request_id: string): Promise<KeptAnswer | null> {
  try {
    return await askGateway<KeptAnswer>(access, pathOf(request_id));
  } catch (error) {
    if (error instanceof GatewayRefusedError || error instanceof GatewayDownError) return null;
    throw error;
  }
}

const pathOf = (request_id: string): string => `/api/chat/answers/${encodeURIComponent(request_id)}`;

/** Follows an answer's stream from before it is begun until it is over. */
async function* follow(
  talk: Talk,
  { answer, signal, anew }: Asking & { anew: "all" | "new" },
  begin: (following: Following) => Promise<void>,
): AsyncGenerator<Change> {
  const subject = `ai.chat.response.stream.${answer.request_id}`;
  const following = new Following(talk.line, { subject, from: "new", anew, silence_ms: SILENCE_MS });
  let late: NodeJS.Timeout | undefined;
  const cancel = () => {
    const why = `Cannot wait on for answer "${answer.request_id}" as it was cancelled`;
    late = setTimeout(() => following.fail(new NoAnswerError(why)), CANCELLED_MS);
    cancelAnswer(talk, answer.request_id).catch((error: Error) => following.fail(error));
  };
  try {
    await begin(following);
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel, { once: true });
    yield* changes(talk, following, answer);
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", cancel);
    following.stop();
  }
}

/** Says that an answer is no longer wanted; its stream then ends with `CANCELLED`. */
async function cancelAnswer({ line, user_id }: Talk, request_id: string): Promise<void> {
  const data = { request_id, user_id };
  await line.publish(`ai.chat.user.${user_id}.cancel`, data, `cancel.${request_id}.${Date.now()}`);
}

async function* changes(talk: Talk, following: Following, answer: Answer): AsyncGenerator<Change> {
  let heard_ms = performance.now();
  while (!answer.ended) {
    const told = await following.take();
    if (told.what === "message") {
      heard_ms = performance.now();
      const change = told.message.data && answer.take(told.message.data as unknown as ChatPart);
      if (change && (change.what !== "end" || !answer.broken)) yield change;
      if (!answer.ended || !answer.broken) continue;
    } else if (performance.now() - heard_ms > GIVE_UP_MS)
      throw new NoAnswerError(`Cannot wait on for answer "${answer.request_id}" as nothing was heard for 10 min`);
    const kept = await findAnswer(talk, answer.request_id);
    if (kept && kept.state !== "waiting" && kept.state !== "running") yield* answer.takeKept(kept);
    else if (answer.ended) yield { what: "end" };
  }
}
