import type { CameraEvent } from "@gatehouse/events";
import { durationWords, type HouseTime } from "../house-time.ts";

/** Characters of each text that the model wrote: about 500 tokens together. */
const MOST = 1_000;

/** An event as a text that a question would match: where, when (in the words in which people ask), what, how dangerous. */
export function eventText(event: CameraEvent, camera_name: string, time: HouseTime): string {
  const { camera_id, started_at_ms, risk } = event;
  const { date, time: clock, part } = time.wordsOf(started_at_ms);
  const camera = camera_name === camera_id ? camera_id : `${camera_name} (${camera_id})`;
  return [
    `Security event at camera ${camera} on ${date} at ${clock}, ${part === "night" ? "at night" : `in the ${part}`}.`,
    `${seenWords(event)} ${riskWords(event)}`,
    cut(risk.summary),
    cut(risk.reasoning),
    risk.recommended_action && `Recommended: ${cut(risk.recommended_action)}`,
    `Event id: ${event.event_id}`,
  ]
    .filter(Boolean)
    .join("\n");
}

function seenWords({ labels, started_at_ms, ended_at_ms }: CameraEvent): string {
  const seen = labels.length > 0 ? `Seen: ${labels.slice(0, 20).join(", ")}.` : "Nothing was recognised.";
  if (ended_at_ms === null) return `${seen} It was still going on.`;
  const lasted = durationWords(ended_at_ms - started_at_ms);
  return lasted === null ? seen : `${seen} It lasted ${lasted}.`;
}

function riskWords({ risk: { level, score } }: CameraEvent): string {
  return score === null ? "Risk: not judged yet." : `Risk: ${level}, ${score} of 100.`;
}

const cut = (words: string): string => words.slice(0, MOST).toWellFormed().trim();
