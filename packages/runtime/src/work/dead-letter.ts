import type { Bus } from "../bus/bus.ts";
import { PayloadTooLargeError } from "../errors.ts";
import type { DoorLetter } from "../service.ts";

/** Something that is given up, and why. */
export interface DeadLetter {
  /** Names it: a repeat is kept once. By default its place: `{consumer}.{stream}.{seq}`. */
  id?: string;
  consumer: string;
  stream: string;
  seq: number;
  subject: string;
  /** When the broker first took it in. */
  time_ms: number;
  event_id: string | null;
  /** Those that it came with. */
  headers?: Readonly<Record<string, string>>;
  body: Uint8Array;
  code: string;
  reason: string;
  attempts: number;
  /** Null: it fails for the first time now. */
  first_failed_at_ms?: number | null;
  /** Kept however many there are within the hour, as what was accepted and is nowhere else. By default false. */
  always?: boolean;
}

const MAX_REASON = 1_000;
/** Characters of original headers that are kept: a letter must fit even where its body does not. */
const MAX_ORIGINALS = 16_384;
const HEADER_NAME = /^[\x21-\x39\x3b-\x7e]+$/;

/** Keeps a copy with the reason on `dead.{service}`, once per message of a consumer. A body that does not fit is left out and said so. */
export async function publishDeadLetter(bus: Bus, service: string, letter: DeadLetter): Promise<void> {
  const { consumer, stream, seq, body } = letter;
  const id = oneLine(letter.id ?? `${consumer}.${stream}.${seq}`);
  const headers = deadLetterHeaders(letter, Date.now());
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

function deadLetterHeaders(letter: DeadLetter, now_ms: number): Record<string, string> {
  const { subject, stream, seq, code, reason, attempts, headers = {} } = letter;
  const own: Record<string, string> = {
    "Gatehouse-Id": oneLine(letter.event_id ?? `${stream}.${seq}`),
    "Gatehouse-Time": String(letter.time_ms),
    "Gatehouse-Subject": subject,
    "Gatehouse-Stream": stream,
    "Gatehouse-Seq": String(seq),
    "Gatehouse-Code": code,
    "Gatehouse-Reason": oneLine(reason),
    "Gatehouse-Attempts": String(attempts),
    "Gatehouse-First-Failed-At": String(letter.first_failed_at_ms ?? now_ms),
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

/** The letter of what a door could not take in. */
export function doorLetter({ id, subject, code, reason, body }: DoorLetter): DeadLetter {
  const place = { id: `door.${id}.0`, consumer: "door", stream: "door", seq: 0, event_id: id, time_ms: Date.now() };
  return { ...place, subject, code, reason, body, attempts: 1 };
}
