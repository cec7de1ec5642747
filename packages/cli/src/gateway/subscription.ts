import { text } from "node:stream/consumers";
import { WebSocket } from "ws";
import { GatewayDownError, GatewayRefusedError } from "../errors.ts";
import type { Access } from "./access.ts";
import type { From } from "./follow-gateway.ts";
import { Inbox } from "./inbox.ts";

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

const OPEN_MS = 10_000;
/** The gateway pings every 30 s: when nothing is heard for longer, the connection is dead. */
const SILENCE_MS = 75_000;
const MAX_BYTES = 64 * 1024 * 1024;
/** From here on the gateway is made to wait, which tells us when we lag behind. */
const MOST_WAITING = 1_000;

/**
 * One subscription on one connection. Ends when the gateway ends it because we lag behind.
 * @throws {GatewayDownError} when the connection cannot be made or is lost
 * @throws {GatewayRefusedError} when the gateway says no
 */
export async function* openSubscription(
  { url, key }: Access,
  { subject, from, signal }: { subject: string; from: From; signal: AbortSignal },
): AsyncGenerator<FromGateway> {
  const inbox = new Inbox<FromGateway>();
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws`, "gatehouse.v1.json", {
    headers: { authorization: `Bearer ${key}` },
    handshakeTimeout: OPEN_MS,
    maxPayload: MAX_BYTES,
    perMessageDeflate: false,
  });
  socket.on("open", () => socket.send(JSON.stringify({ op: "subscribe", id: "s", subject, from })));
  socket.on("message", (bytes: Buffer) => {
    inbox.push(JSON.parse(bytes.toString()) as FromGateway);
    if (inbox.size > MOST_WAITING) socket.pause();
  });
  const fail = (error: Error) => inbox.fail(error);
  failWhenRefused(socket, url, fail);
  failWhenLost(socket, url, fail);
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

/** The gateway may answer the handshake with an error. */
function failWhenRefused(socket: WebSocket, url: string, fail: (error: Error) => void): void {
  socket.on("unexpected-response", async (_request, answer) => {
    const status = answer.statusCode ?? 0;
    const { code = `HTTP_${status}`, message = `The gateway at ${url} answered ${status}` } = errorIn(
      await text(answer),
    );
    const later = status === 429 || status === 503;
    fail(later ? new GatewayDownError(message) : new GatewayRefusedError(message, { facts: { status, code } }));
    socket.terminate();
  });
}

function errorIn(body: string): { code?: string; message?: string } {
  try {
    return (JSON.parse(body) as { error?: { code: string; message: string } }).error ?? {};
  } catch {
    return {};
  }
}

/** The connection may break, or nothing at all may be heard for too long. */
function failWhenLost(socket: WebSocket, url: string, fail: (error: Error) => void): void {
  const lose = (reason: string) => fail(new GatewayDownError(`Cannot hear the gateway at ${url}: ${reason}`));
  const silence = setTimeout(() => {
    lose("it fell silent");
    socket.terminate();
  }, SILENCE_MS);
  const hear = () => void silence.refresh();
  socket.on("ping", hear).on("message", hear);
  socket.on("error", (error) => lose(error.message));
  socket.on("close", (code) => {
    clearTimeout(silence);
    lose(code === 1006 ? "the connection broke" : `it closed the connection (${code})`);
  });
}
