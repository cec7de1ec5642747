import { compileCheck } from "@gatehouse/events";
import { type Static, Type } from "@sinclair/typebox";
import { ANSWERED_MODEL, answeredModel } from "../calling/answered-model.ts";
import type { Transcript } from "./speech-to-text.ts";

const Text = Type.String({ maxLength: 1_000_000 });
const Seconds = Type.Number({ minimum: 0, maximum: 1e7 });

/** OpenAI's transcription object; `language` and `segments` only in the verbose one. */
const TranscriptBody = Type.Object({
  text: Text,
  language: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()])),
  segments: Type.Optional(
    Type.Union([
      Type.Array(Type.Object({ start: Seconds, end: Seconds, text: Text }), { maxItems: 100_000 }),
      Type.Null(),
    ]),
  ),
  ...ANSWERED_MODEL,
});
type TranscriptBody = Static<typeof TranscriptBody>;

/** Compiles the check of a transcript; once per client. */
export const compileTranscriptCheck = () => compileCheck(TranscriptBody);

export function transcriptOf(
  answer: TranscriptBody,
  {
    name,
    backend,
    language = null,
  }: { name?: string | undefined; backend: string; language?: string | null | undefined },
): Transcript {
  const { text, segments } = answer;
  return {
    model: answeredModel(answer, { name, backend }),
    text: text.trim(),
    language: answer.language || language,
    ...(segments ? { segments: segments.map(segmentOf) } : {}),
  };
}

const segmentOf = ({ start, end, text }: { start: number; end: number; text: string }) => ({
  start_ms: Math.round(start * 1_000),
  end_ms: Math.round(end * 1_000),
  text: text.trim(),
});
