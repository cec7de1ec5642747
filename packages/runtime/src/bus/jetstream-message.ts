import type { Msg } from "@nats-io/nats-core";
import type { StoredMessage } from "./bus.ts";

/** What the broker says about a delivery, in the subject that it wants the acknowledgement on. */
export interface DeliveryFacts {
  stream: string;
  consumer: string;
  /** 1 for the first delivery. */
  deliveries: number;
  seq: number;
  consumer_seq: number;
  time_ms: number;
  pending: number;
}

/** Reads `$JS.ACK.<stream>.<consumer>.<deliveries>.<seq>.<consumer seq>.<ns>.<pending>`; with a domain there are two more in front. */
export function deliveryFacts(message: Msg): DeliveryFacts {
  const tokens = (message.reply ?? "").split(".");
  const first = tokens.length >= 12 ? 4 : 2;
  const number = (i: number): number => Number(tokens[first + i] ?? 0);
  return {
    stream: tokens[first] ?? "",
    consumer: tokens[first + 1] ?? "",
    deliveries: number(2),
    seq: number(3),
    consumer_seq: number(4),
    time_ms: Math.floor(number(5) / 1_000_000),
    pending: number(6),
  };
}

/** The headers as a plain map; the first value of each. */
export function plainHeaders(message: Pick<Msg, "headers">): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, values] of message.headers ?? []) plain[name] = values[0] ?? "";
  return plain;
}

/** A delivered message as services see it. */
export function storedMessage(message: Msg, { stream, seq, time_ms, pending }: DeliveryFacts): StoredMessage {
  const headers = plainHeaders(message);
  return {
    stream,
    subject: message.subject,
    seq,
    time_ms,
    msg_id: headers["Nats-Msg-Id"] ?? null,
    headers,
    body: message.data,
    pending,
  };
}
