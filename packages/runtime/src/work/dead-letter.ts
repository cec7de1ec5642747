import type { Bus } from "../bus/bus.ts";
import { PayloadTooLargeError } from "../errors.ts";
import type { DoorLetter } from "../service.ts";
import { type History, NO_HISTORY } from "./settle.ts";

/** A message that is given up, and why. */
export interface DeadLetter {
  /** Names it: a repeat is kept once. By default its place: `{consumer}.{stream}.{seq}`. */
  id?: string;
  service: string;
  consumer: string;
  stream: string;
  seq: number;
  subject: string;
  /** When the broker first took it in. */
  time_ms: number;
  event_id: string | null;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  code: string;
  reason: string;
  history: History;
  attempts: number;
  now_ms: number;
}

const MAX_REASON = 1_000;
/** Characters of original headers that are kept: a letter must fit even where its body does not. */
const MAX_ORIGINALS = 16_384;
const HEADER_NAME = /^[\x21-\x39\x3b-\x7e]+$/;

/** Keeps a copy with the reason on `dead.{service}`, once per message of a consumer. A body that does not fit is left out and said so. */
export async function publishDeadLetter(bus: Bus, letter: DeadLetter): Promise<void> {
  const { service, consumer, stream, seq, body } = letter;
  const id = oneLine(letter.id ?? `${consumer}.${stream}.${seq}`);
  const headers = deadLetterHeaders(letter);
  try {
    await bus.publish(`dead.${service}`, body, { id, headers });
  } catch (error) {
    if (!(error instanceof PayloadTooLargeError)) throw error;
    await bus.publish(`dead.${service}`, new Uint8Array(), {
      id,
      headers: { ...headers, "Gatehouse-Body": "omitted" },
    });
  }
}

function deadLetterHeaders(letter: DeadLetter): Record<string, string> {
  const { subject, stream, seq, code, reason, attempts, history, headers, now_ms } = letter;
  const own: Record<string, string> = {
    "Gatehouse-Id": oneLine(letter.event_id ?? `${stream}.${seq}`),
    "Gatehouse-Time": String(letter.time_ms),
    "Gatehouse-Subject": subject,
    "Gatehouse-Stream": stream,
    "Gatehouse-Seq": String(seq),
    "Gatehouse-Code": code,
    "Gatehouse-Reason": oneLine(reason),
    "Gatehouse-Attempts": String(attempts),
    "Gatehouse-First-Failed-At": String(history.first_refused_at_ms ?? now_ms),
    "Gatehouse-Last-Failed-At": String(now_ms),
  };
  let room = MAX_ORIGINALS;
  for (const [name, value] of Object.entries(headers)) {
    room -= name.length + Math.min(value.length, MAX_REASON);
    if (HEADER_NAME.test(name) && room >= 0) own[`Gatehouse-Original-${name}`] = oneLine(value);
  }
  return own;
}

/** Header values are one line of printable text. */
function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, " ").slice(0, MAX_REASON);
}

/** Keeps what a door of a service could not take in. */
export async function buryAtDoor(
  bus: Bus,
  service: string,
  { id, subject, code, reason, body }: DoorLetter,
): Promise<void> {
  const now_ms = Date.now();
  const where = {
    id: `door.${id}.0`,
    service,
    consumer: "door",
    stream: "door",
    seq: 0,
    subject,
    time_ms: now_ms,
    event_id: id,
    headers: {},
    body,
  };
  await publishDeadLetter(bus, { ...where, code, reason, history: NO_HISTORY, attempts: 1, now_ms });
}
