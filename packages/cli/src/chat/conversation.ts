import { randomUUID } from "node:crypto";
import { GatehouseError } from "@gatehouse/errors";
import type { Paint } from "../terminal/paint.ts";
import { safeText } from "../terminal/safe-text.ts";
import type { Screen } from "../terminal/screen.ts";
import { type Drawing, sourceLines } from "../terminal/source-lines.ts";
import { Answer, type Change } from "./answer.ts";
import { AnswerPrinter, answerFacts } from "./answer-printer.ts";
import { askQuestion, retryAnswer } from "./ask.ts";
import type { Talk } from "./talk.ts";

/** What questions are asked with. */
export interface Manner {
  /** Null: the one that every person has. */
  session_id: string | null;
  rag: boolean;
  rerank: boolean;
  top_k?: number | undefined;
  collection?: string | undefined;
}

/** An id for a question: nobody else has it. */
const newRequestId = (): string => `cli-${randomUUID()}`;

/** The fields of a question, of a manner of asking. */
export function questionOf(message: string, { session_id, rag, rerank, top_k, collection }: Manner) {
  return {
    request_id: newRequestId(),
    message,
    enable_rag: rag,
    enable_reranker: rerank,
    ...(session_id === null ? {} : { session_id }),
    ...(top_k === undefined ? {} : { top_k }),
    ...(collection === undefined ? {} : { collection }),
  };
}

/** One answer on the screen, from the question to the list of its sources. */
export class Conversation {
  readonly #talk: Talk;
  readonly #out: Screen;
  readonly #paint: Paint;
  readonly #drawing: Drawing;
  #printer: AnswerPrinter | null = null;
  /** The last one that was asked for. */
  answer: Answer | null = null;

  constructor(talk: Talk, out: Screen, drawing: Drawing) {
    this.#talk = talk;
    this.#out = out;
    this.#paint = drawing.paint;
    this.#drawing = drawing;
  }

  /** Asks and shows the answer; aborted, it is cancelled. */
  async ask(message: string, manner: Manner, signal: AbortSignal): Promise<void> {
    const question = questionOf(message, manner);
    const answer = new Answer(question.request_id, { from_seq: 0 });
    await this.#show(askQuestion(this.#talk, question, { answer, signal }), answer, signal);
  }

  /** Has the last answer tried again, if it failed and that may help. @returns whether there was something to do */
  async retry(signal: AbortSignal): Promise<boolean> {
    if (!this.answer?.fault?.retryable) return false;
    const answer = new Answer(this.answer.request_id, { from_seq: null });
    await this.#show(retryAnswer(this.#talk, { answer, signal }), answer, signal);
    return true;
  }

  /** The connection was lost or is back, while an answer comes. */
  tell(text: string): void {
    this.#printer?.note(text);
  }

  async #show(changes: AsyncGenerator<Change>, answer: Answer, signal: AbortSignal): Promise<void> {
    const printer = new AnswerPrinter(this.#out, this.#paint);
    this.#printer = printer;
    this.answer = answer;
    printer.wait(this.#talk.line.connected ? "thinking" : "waiting for the gateway");
    try {
      for await (const change of changes) printer.show(change, answer);
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      answer.fault = { code: error.code, message: error.message, retryable: false };
    } finally {
      printer.endLine();
      this.#printer = null;
    }
    this.#showEnd(answer, signal.aborted);
  }

  #showEnd(answer: Answer, cancelled: boolean): void {
    const { fault, sources, ended } = answer;
    const line = (text: string) => this.#out.write(`${text}\n`);
    if (fault?.code === "CANCELLED" || (cancelled && !ended)) return void line(this.#paint("dim", "(cancelled)"));
    if (fault) {
      line(this.#paint("red", `${fault.code}: ${safeText(fault.message)}`));
      if (fault.retryable) line(this.#paint("dim", "/retry asks for it again"));
      return;
    }
    if (sources.length > 0) line("");
    for (const text of sourceLines(sources, this.#drawing)) line(text);
    const facts = answerFacts(answer);
    if (facts) line(this.#paint("dim", `  ${facts}`));
  }
}
