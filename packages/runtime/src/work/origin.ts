import type { Received } from "@gatehouse/events";
import type { Msg } from "@nats-io/nats-core";
import { type DeliveryFacts, plainHeaders } from "../bus/jetstream-message.ts";

/** A delivered message, seen as it was first published: a redriven one gets its own subject, id and time back. */
export interface Origin {
  received: Received;
  /** Without the `Gatehouse-` ones. */
  headers: Record<string, string>;
  redriven: boolean;
}

const ORIGINAL = "Gatehouse-Original-";

export function originOf(message: Msg, facts: DeliveryFacts): Origin {
  const headers = plainHeaders(message);
  const subject = headers["Gatehouse-Subject"];
  if (!message.subject.startsWith("redrive.") || subject === undefined)
    return {
      received: {
        subject: message.subject,
        body: message.data,
        seq: facts.seq,
        time_ms: facts.time_ms,
        msg_id: headers["Nats-Msg-Id"] ?? null,
      },
      headers: ownHeaders(headers),
      redriven: false,
    };
  const original: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (name.startsWith(ORIGINAL)) original[name.slice(ORIGINAL.length)] = value;
  // What came through a door had no message id on the bus: the letter's own names it.
  const own_id = headers["Gatehouse-Stream"] === "door" ? headers["Gatehouse-Id"] : undefined;
  return {
    received: {
      subject,
      body: message.data,
      seq: Number(headers["Gatehouse-Seq"] ?? facts.seq),
      time_ms: Number(headers["Gatehouse-Time"] ?? facts.time_ms),
      msg_id: original["Nats-Msg-Id"] ?? own_id ?? null,
    },
    headers: original,
    redriven: true,
  };
}

function ownHeaders(headers: Record<string, string>): Record<string, string> {
  const marked = Object.keys(headers).some((name) => name.startsWith("Gatehouse-"));
  if (!marked) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith("Gatehouse-")));
}
