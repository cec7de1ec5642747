import { divideText } from "@gatehouse/retrieval";
import type { HouseTime } from "../house-time.ts";

/** Characters of question and answer in one passage: about 700 tokens together. */
const MOST = { question: 1_000, answer: 1_800 };
/** Beyond so many passages the rest of a turn is left out. */
const MOST_PASSAGES = 32;

/**
 * A finished turn as texts that a later question would match: one, or where question or answer is long each part of it in turn,
 * beside the beginning of the other.
 */
export function turnTexts(turn: { question: string; answer: string; at_ms: number }, time: HouseTime): string[] {
  const { date, time: clock, part } = time.wordsOf(turn.at_ms);
  const when = part === "night" ? "at night" : `in the ${part}`;
  const asked = divideText(turn.question.trim(), MOST.question);
  const answered = divideText(turn.answer.trim(), MOST.answer);
  const count = Math.min(MOST_PASSAGES, Math.max(asked.length, answered.length));
  return Array.from({ length: count }, (_, at) =>
    [
      `Conversation on ${date} at ${clock}, ${when}.`,
      `Asked: ${partAt(asked, at)}`,
      `Answered: ${partAt(answered, at)}`,
    ].join("\n"),
  );
}

/** A part, marked where more stands before or behind it; the first where there is none. */
function partAt(parts: readonly string[], at: number): string {
  const shown = at < parts.length ? at : 0;
  return `${shown > 0 ? "… " : ""}${parts[shown] ?? ""}${shown < parts.length - 1 ? " …" : ""}`;
}
