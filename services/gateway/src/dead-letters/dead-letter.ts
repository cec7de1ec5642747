import { describeError } from "@gatehouse/errors";
import { decodeBody, decodeEvent, eventTypeOf, toJson } from "@gatehouse/events";
import type { StoredMessage } from "@gatehouse/runtime";
import { REDRIVABLE } from "@gatehouse/streams";
import { NotRedrivableError } from "../errors.ts";

/** A message that was given up, as the doors show it. */
export interface DeadLetter {
  /** Names it. */
  seq: number;
  service: string;
  code: string;
  reason: string;
  subject: string;
  event_id: string | null;
  attempts: number;
  dead_at_ms: number;
  first_failed_at_ms: number | null;
  last_failed_at_ms: number | null;
  body_bytes: number;
  /** Why it cannot be driven again; null when it can. */
  not_redrivable: string | null;
}

const services: readonly string[] = REDRIVABLE;

export function deadLetterOf({ seq, subject, headers, time_ms, body }: StoredMessage): DeadLetter {
  const number = (name: string): number | null => (headers[name] === undefined ? null : Number(headers[name]));
  const letter = {
    seq,
    service: subject.slice("dead.".length),
    code: headers["Gatehouse-Code"] ?? "",
    reason: headers["Gatehouse-Reason"] ?? "",
    subject: headers["Gatehouse-Subject"] ?? "",
    event_id: headers["Gatehouse-Id"] ?? null,
    attempts: number("Gatehouse-Attempts") ?? 0,
    dead_at_ms: time_ms,
    first_failed_at_ms: number("Gatehouse-First-Failed-At"),
    last_failed_at_ms: number("Gatehouse-Last-Failed-At"),
    body_bytes: body.length,
  };
  return { ...letter, not_redrivable: whyNot(letter, headers) };
}

function whyNot(
  { service, code, subject }: Pick<DeadLetter, "service" | "code" | "subject">,
  headers: StoredMessage["headers"],
): string | null {
  if (headers["Gatehouse-Body"] === "omitted") return "its body did not fit and was left out";
  if (code === "EXPIRED_UNSEEN") return "it expired before anybody saw it: there is no body";
  if (subject === "") return "it does not say which subject it came from";
  if (!services.includes(service)) return `service "${service}" takes nothing again`;
  return null;
}

/** What a service is handed again, and how. @throws {NotRedrivableError} */
export function redriveOf(message: StoredMessage): { subject: string; id: string; headers: Record<string, string> } {
  const { seq, service, not_redrivable } = deadLetterOf(message);
  if (not_redrivable) throw new NotRedrivableError(`Cannot drive dead letter ${seq} again as ${not_redrivable}`);
  const kept = Object.entries(message.headers).filter(([name]) => name.startsWith("Gatehouse-"));
  return { subject: `redrive.${service}`, id: `redrive.${seq}`, headers: Object.fromEntries(kept) };
}

/** The body as JSON shows it; what does not decode comes as base64, with the reason. */
export function bodyOf({ body, headers, time_ms }: StoredMessage): { body: unknown; body_error?: string } {
  const subject = headers["Gatehouse-Subject"] ?? "";
  const event = eventTypeOf(subject);
  try {
    const received = { subject, body, seq: 0, time_ms, msg_id: headers["Gatehouse-Id"] ?? null };
    try {
      if (event) return { body: JSON.parse(toJson(decodeEvent(event, received))) };
    } catch {
      // what does not fit its event may still be readable
    }
    return { body: JSON.parse(toJson(decodeBody(body).fields)) };
  } catch (error) {
    return { body: Buffer.from(body).toString("base64"), body_error: describeError(error).message };
  }
}
