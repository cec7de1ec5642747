import {
  type CameraDetections,
  type CameraEvent,
  cameraDetections,
  cameraEventCreated,
  cameraEventUpdated,
  matchSubject,
} from "@gatehouse/events";
import type { StreamMessage } from "../gateway/subscription.ts";
import { clock, eventLine } from "./event-line.ts";
import type { Paint } from "./paint.ts";
import { safeText, shorten } from "./safe-text.ts";

const SUBJECT_WIDTH = 34;

/** One message as one line: an event as `up` shows it, anything else as its subject and fields. */
export function messageLine(message: StreamMessage, paint: Paint, columns: number): string {
  const { subject, time_ms, data } = message;
  const state = matchSubject(cameraEventCreated, subject) ? "created" : "updated";
  if (data && (state === "created" || matchSubject(cameraEventUpdated, subject)))
    return eventLine({ event: data as unknown as CameraEvent, state, time_ms }, paint, columns);
  const text = letterIn(message) ?? (data ? (foundIn(subject, data) ?? JSON.stringify(data)) : undecoded(message));
  const head = `${paint("dim", clock(time_ms))}  ${paint("bold", safeText(subject).padEnd(SUBJECT_WIDTH))}`;
  return `${head}  ${shorten(safeText(text), Math.max(40, columns - SUBJECT_WIDTH - 12))}`;
}

/** `person 0.93, car 0.71`, or why the detector was not asked; null for other subjects. */
function foundIn(subject: string, data: object): string | null {
  if (!matchSubject(cameraDetections, subject)) return null;
  const { detections, skipped } = data as CameraDetections;
  if (skipped) return `not asked: ${skipped}`;
  if (detections.length === 0) return "nothing";
  return detections.map(({ label, confidence }) => `${label} ${confidence.toFixed(2)}`).join(", ");
}

/** A dead letter's body is somebody else's; why it was given up stands in the letter. Null for other subjects. */
function letterIn({ subject, seq }: StreamMessage): string | null {
  return /^dead\.[^.]+$/.test(subject) ? `given up: gatehouse dead show ${seq} says why` : null;
}

function undecoded({ error }: StreamMessage): string {
  return `does not decode: ${error?.message ?? "no reason given"}`;
}
