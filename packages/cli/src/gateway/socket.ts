import { text } from "node:stream/consumers";
import { WebSocket } from "ws";
import { GatewayDownError, GatewayRefusedError } from "../errors.ts";
import type { Access } from "./access.ts";

const OPEN_MS = 10_000;
/** The gateway pings every 30 s: when nothing is heard for longer, the connection is dead. */
const SILENCE_MS = 75_000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Begins a connection to the gateway's WebSocket door. `onEnd` is told why it is over, the first reason first: a
 * `GatewayDownError` when it cannot be made or breaks, a `GatewayRefusedError` when the gateway says no.
 */
export function openSocket({ url, key }: Access, onEnd: (error: Error) => void): WebSocket {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws`, "gatehouse.v1.json", {
    headers: { authorization: `Bearer ${key}` },
    handshakeTimeout: OPEN_MS,
    maxPayload: MAX_BYTES,
    perMessageDeflate: false,
  });
  endWhenRefused(socket, url, onEnd);
  endWhenLost(socket, url, onEnd);
  return socket;
}

/** The gateway may answer the handshake with an error. */
function endWhenRefused(socket: WebSocket, url: string, onEnd: (error: Error) => void): void {
  socket.on("unexpected-response", async (_request, answer) => {
    const status = answer.statusCode ?? 0;
    const { code = `HTTP_${status}`, message = `The gateway at ${url} answered ${status}` } = errorIn(
      await text(answer),
    );
    const later = status === 429 || status === 503;
    onEnd(later ? new GatewayDownError(message) : new GatewayRefusedError(message, { facts: { status, code } }));
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
function endWhenLost(socket: WebSocket, url: string, onEnd: (error: Error) => void): void {
  const lose = (reason: string) => onEnd(new GatewayDownError(`Cannot hear the gateway at ${url}: ${reason}`));
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
