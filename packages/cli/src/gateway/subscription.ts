import { GatewayRefusedError } from "../errors.ts";
import type { Access } from "./access.ts";
import type { From } from "./from.ts";
import { Inbox } from "./inbox.ts";
import { openSocket } from "./socket.ts";

/** A message as the gateway tells it. */
export interface StreamMessage {
  op: "message";
  subject: string;
  /** Null when no stream keeps the subject. */
  stream: string | null;
  seq: number | null;
  msg_id: string | null;
  time_ms: number;
  /** Null when it does not decode: `error` says why. */
  data: Record<string, unknown> | null;
  error?: { code: string; message: string };
}

/** What may come on a subscription. */
export type FromGateway =
  | StreamMessage
  | { op: "subscribed"; stream: string | null; epoch: number | null; first_seq: number | null; seq: number | null }
  | { op: "gap"; from_seq: number; to_seq: number }
  | { op: "lagged"; next_seq: number }
  | { op: "error"; code: string; message: string };

/** From here on the gateway is made to wait, which tells us when we lag behind. */
const MOST_WAITING = 1_000;

/**
 * One subscription on one connection. Ends when the gateway ends it because we lag behind.
 * @throws {GatewayDownError} when the connection cannot be made or is lost
 * @throws {GatewayRefusedError} when the gateway says no
 */
export async function* openSubscription(
  access: Access,
  { subject, from, signal }: { subject: string; from: From; signal: AbortSignal },
): AsyncGenerator<FromGateway> {
  const inbox = new Inbox<FromGateway>();
  const socket = openSocket(access, (error) => inbox.fail(error));
  socket.on("open", () => socket.send(JSON.stringify({ op: "subscribe", id: "s", subject, from })));
  socket.on("message", (bytes: Buffer) => {
    inbox.push(JSON.parse(bytes.toString()) as FromGateway);
    if (inbox.size > MOST_WAITING) socket.pause();
  });
  const stop = () => socket.terminate();
  signal.addEventListener("abort", stop, { once: true });
  try {
    while (true) {
      const heard = await inbox.take();
      if (inbox.size === 0 && socket.isPaused) socket.resume();
      if (heard.op === "error") throw new GatewayRefusedError(heard.message, { facts: { code: heard.code } });
      yield heard;
      if (heard.op === "lagged") return;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}
