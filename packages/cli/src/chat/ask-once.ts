import type { Context } from "../context.ts";
import { EXIT, Quit } from "../exit.ts";
import { paintFor } from "../terminal/paint.ts";
import { safeText } from "../terminal/safe-text.ts";
import { sourceLines } from "../terminal/source-lines.ts";
import { Answer, type Change } from "./answer.ts";
import { AnswerPrinter } from "./answer-printer.ts";
import { askQuestion, retryAnswer } from "./ask.ts";
import { type Manner, questionOf } from "./conversation.ts";
import type { Talk } from "./talk.ts";

interface Showing {
  json: boolean;
}

/** One question for scripts: the answer on standard output as it comes, sources and marks on the other. @throws {Quit} after an error */
export function askOnce(
  context: Context,
  talk: Talk,
  { message, manner, json }: { message: string; manner: Manner } & Showing,
): Promise<void> {
  const question = questionOf(message, manner);
  const answer = new Answer(question.request_id, { from_seq: 0 });
  const asking = { answer, signal: context.interrupts.first };
  return show(context, askQuestion(talk, question, asking), answer, { json });
}

/** An answer that failed, tried again. @throws {Quit} after an error */
export function retryOnce(context: Context, talk: Talk, request_id: string, { json }: Showing): Promise<void> {
  const answer = new Answer(request_id, { from_seq: null });
  return show(context, retryAnswer(talk, { answer, signal: context.interrupts.first }), answer, { json });
}

async function show(
  context: Context,
  changes: AsyncGenerator<Change>,
  answer: Answer,
  { json }: Showing,
): Promise<void> {
  const { out, err } = context;
  const printer = new AnswerPrinter(out, paintFor(out), { marks: err });
  if (!json) printer.wait("thinking");
  for await (const change of changes) if (!json) printer.show(change, answer);
  if (json) out.write(`${JSON.stringify(answerJson(answer))}\n`);
  else tellRest(context, answer);
  if (answer.fault) throw new Quit(EXIT.failed);
}

function answerJson({ request_id, text, sources, model, usage, fault }: Answer): object {
  return { request_id, response: text, sources, model, usage, ...(fault ? { error: fault } : {}) };
}

function tellRest({ err, cwd }: Context, { request_id, sources, fault }: Answer): void {
  const paint = paintFor(err);
  if (fault) {
    err.write(paint("red", `${fault.code}: ${safeText(fault.message)}\n`));
    if (fault.retryable) err.write(paint("dim", `gatehouse chat retry ${request_id} asks for it again\n`));
    return;
  }
  for (const line of sourceLines(sources, { paint, columns: err.columns, cwd })) err.write(`${line}\n`);
}
