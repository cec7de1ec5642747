import type { CameraEvent } from "@gatehouse/events";
import type { Colour, Paint } from "./paint.ts";
import { safeText, shorten } from "./safe-text.ts";

const LEVELS: Record<string, Colour> = {
  low: "green",
  medium: "yellow",
  high: "redBright",
  critical: ["white", "bgRed", "bold"],
};
const CAMERA_WIDTH = 12;
const LABELS_WIDTH = 14;
const RISK_WIDTH = 12;

export interface EventToShow {
  event: CameraEvent;
  /** One word, shown last: created, updated. */
  state: string;
  /** When it was told, or began. */
  time_ms: number;
}

/** `14:02:11  front-door    person, dog     medium 42   A person with a dog at the door  created`. */
export function eventLine({ event, state, time_ms }: EventToShow, paint: Paint, columns: number): string {
  const { risk, camera_id, labels } = event;
  const scored = risk.status === "scored" && risk.level !== null;
  const mark = scored ? `${risk.level} ${risk.score}` : "unscored";
  const head = [
    paint("dim", when(time_ms)),
    paint("bold", camera_id.padEnd(CAMERA_WIDTH)),
    shorten(safeText(labels.join(", ")), LABELS_WIDTH).padEnd(LABELS_WIDTH),
    paint(scored ? (LEVELS[risk.level!] ?? "reset") : "dim", mark) + " ".repeat(Math.max(0, RISK_WIDTH - mark.length)),
  ];
  const taken =
    when(time_ms).length +
    Math.max(CAMERA_WIDTH, camera_id.length) +
    LABELS_WIDTH +
    Math.max(RISK_WIDTH, mark.length) +
    5 * 2;
  const summary = shorten(safeText(risk.summary || "not judged yet"), Math.max(20, columns - taken - state.length));
  return [...head, summary, paint("dim", state)].join("  ");
}

/** `14:02:11`, local time. */
export function clock(time_ms: number): string {
  return new Date(time_ms).toTimeString().slice(0, 8);
}

/** The time, with its date when it was not today. */
export function when(time_ms: number): string {
  const date = new Date(time_ms);
  if (date.toDateString() === new Date().toDateString()) return clock(time_ms);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(time_ms)}`;
}
