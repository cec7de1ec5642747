import { type CameraEvent, cameraEventCreated, cameraEventUpdated, matchSubject } from "@gatehouse/events";
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
  const text = data ? JSON.stringify(data) : `does not decode: ${faultOf(message.error)}`;
  const head = `${paint("dim", clock(time_ms))}  ${paint("bold", safeText(subject).padEnd(SUBJECT_WIDTH))}`;
  return `${head}  ${shorten(safeText(text), Math.max(40, columns - SUBJECT_WIDTH - 12))}`;
}

function faultOf(error: unknown): string {
  return typeof error === "string" ? error : JSON.stringify(error ?? "no reason given");
}
