import { chatResponse, encodeEvent, subjectOf } from "@gatehouse/events";
import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { type AnswerRow, findAnswer, markAnswerTold } from "@gatehouse/store";
import type { Deps } from "../service.ts";
import { AnswerStream } from "./answer-stream.ts";
import type { PartFields } from "./part.ts";
import { lastPart } from "./told-so-far.ts";

/** An answer ended without anybody at work on it: its reader is told. Key: request_id. */
export async function tellAnswer(_payload: unknown, context: DueContext<Deps>): Promise<Verdict> {
  const answer = await findAnswer(context.db, context.due.key);
  if (!answer || answer.told_at_ms !== null || answer.state === "waiting" || answer.state === "running") return ack;
  await tellEnd(answer, context);
  return ack;
}

/**
 * The last part on the stream, the whole answer to whoever waits for that (larger than the broker takes: to nobody, it can be
 * asked for), and that it was told. Safe to repeat.
 */
export async function tellEnd(answer: AnswerRow, context: DueContext<Deps>, stream?: AnswerStream): Promise<void> {
  const { db, bus, log, stage } = context;
  const { request_id } = answer;
  const last = endPart(answer);
  const writer = stream ?? (await streamToEnd(answer, last, context));
  if (writer) await stage("publish", () => writer.part(last));
  await stage("whole", () => {
    const body = encodeEvent(chatResponse, wholeOf(answer));
    if (body.length > bus.max_payload)
      return log.warn({ request_id, bytes: body.length }, "whole answer not published");
    bus.send(subjectOf(chatResponse, answer), body);
    if (answer.request.reply_to) bus.send(answer.request.reply_to, body);
  });
  await stage("mark", () => markAnswerTold(db, answer));
}

/** The stream at its end; null where the last part is there already. */
async function streamToEnd(
  answer: AnswerRow,
  last: PartFields,
  { bus, publish, gathering, signal }: DueContext<Deps>,
): Promise<AnswerStream | null> {
  const { request_id, epoch, next_seq, text, sources } = answer;
  const before = await lastPart(bus, request_id);
  const part = before?.part;
  if (part?.done && part.type === last.type && part.code === last.code) return null;
  const place = {
    next_seq: part ? part.seq + 1 : next_seq,
    text,
    sources,
    last_seq: before?.last_seq ?? 0,
  };
  return new AnswerStream({ bus, publish, gathering, request_id, epoch, signal, quiet: false }, place);
}

function endPart({ state, usage, model, timings, error }: AnswerRow): PartFields {
  if (state === "done") return { type: "done", done: true, usage, model, ...(timings ? { timings } : {}) };
  return { type: "error", done: true, ...error };
}

function wholeOf({ request_id, text, sources, model, usage, error }: AnswerRow) {
  return { request_id, response: text, sources: sources ?? [], model, usage, ...(error ? { error } : {}) };
}
