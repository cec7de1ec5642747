import type { HouseTime } from "../house-time.ts";

/** Characters of question and answer that are kept: about 700 tokens together. */
const MOST = { question: 1_000, answer: 1_800 };

/** A finished turn as a text that a later question would match. */
export function turnText(turn: { question: string; answer: string; at_ms: number }, time: HouseTime): string {
  const { date, time: clock, part } = time.wordsOf(turn.at_ms);
  const when = part === "night" ? "at night" : `in the ${part}`;
  return [
    `Conversation on ${date} at ${clock}, ${when}.`,
    `Asked: ${cut(turn.question, MOST.question)}`,
    `Answered: ${cut(turn.answer, MOST.answer)}`,
  ].join("\n");
}

function cut(words: string, most: number): string {
  const text = words.trim();
  return text.length > most ? `${text.slice(0, most).toWellFormed()} …` : text;
}
