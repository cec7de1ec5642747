import type { EventsTold, ToldEvent } from "@gatehouse/store";
import { durationWords, type HouseTime } from "../house-time.ts";

/** What a greeting is made of. */
export interface GreetingFacts {
  name: string;
  at_ms: number;
  /** When the user was last here; null: never, and what happened is that of the last day. */
  since_ms: number | null;
  /** Null: the user may not see events. */
  told: EventsTold | null;
}

const SUMMARY = 300;

/** The words of a greeting, made from facts alone: the same facts, the same words. */
export function greetingWords({ name, at_ms, since_ms, told }: GreetingFacts, time: HouseTime): string {
  const { part } = time.wordsOf(at_ms);
  const hello = part === "night" ? "Hello" : `Good ${part}`;
  const first = since_ms === null ? " Welcome to Gatehouse." : "";
  const greeting = `${hello}, ${plain(name, 200)}.${first}`;
  if (told === null) return greeting;
  return `${greeting} ${newsWords(told, awayWords(since_ms, at_ms))}${worstWords(told, at_ms, time)}`;
}

function awayWords(since_ms: number | null, at_ms: number): string {
  if (since_ms === null) return "in the last 24 hours";
  const away = durationWords(at_ms - since_ms);
  return away === null ? "since you were here a moment ago" : `in the ${away} you were away`;
}

function newsWords({ count, serious }: EventsTold, away: string): string {
  if (count === 0) return `Nothing happened ${away}.`;
  const happened = count === 1 ? "One security event was recorded" : `${count} security events were recorded`;
  const grave = serious > 0 && count > 1 ? `, ${serious} of them of high or critical risk` : "";
  return `${happened} ${away}${grave}.`;
}

function worstWords({ count, worst: [worst] }: EventsTold, now_ms: number, time: HouseTime): string {
  if (!worst) return "";
  const when = time.relative(worst.started_at_ms, now_ms);
  const what = plain(worst.risk.summary, SUMMARY) || worst.labels.join(", ") || "something moved";
  const subject = count === 1 ? "It was" : "The most serious was";
  return ` ${subject} ${when} at ${plain(worst.camera_name, 128)} (${riskWords(worst)}): ${ended(what)}`;
}

function riskWords({ risk: { level, score } }: ToldEvent): string {
  return score === null ? "not judged yet" : `${level} risk, ${score} of 100`;
}

const ended = (sentence: string): string => (/[.!?…]$/.test(sentence) ? sentence : `${sentence}.`);

/** One line, cut to a length. */
function plain(words: string, most: number): string {
  return words
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim()
    .slice(0, most)
    .toWellFormed();
}
