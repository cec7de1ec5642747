import { once } from "node:events";
import type { FastifyReply } from "fastify";

/** A comment: readers of events pass it over. */
const PING = ": ping\n\n";

export interface EventStreamParts {
  reply: FastifyReply;
  /** After so long without anything to send a comment is sent, so that nobody on the way takes the connection for dead. */
  ping_ms: number;
  /** Aborted when the client is gone. */
  signal: AbortSignal;
}

/** An answer as server-sent events. It begins with the first event or ping; before that an error still has a status of its own. */
export class EventStream {
  readonly #parts: EventStreamParts;
  readonly #pings: NodeJS.Timeout;
  #has_begun = false;

  constructor(parts: EventStreamParts) {
    this.#parts = parts;
    this.#pings = setInterval(() => this.#ping(), parts.ping_ms);
  }

  get has_begun(): boolean {
    return this.#has_begun;
  }

  /** Writes events; waits while the client reads slower than they come. */
  async send(events: string): Promise<void> {
    const { reply, signal } = this.#parts;
    this.#begin();
    this.#pings.refresh();
    if (reply.raw.write(events)) return;
    await once(reply.raw, "drain", { signal });
  }

  /** Writes the last events. */
  end(events: string): void {
    this.#begin();
    this.#parts.reply.raw.end(events);
  }

  /** Nothing more is sent. */
  close(): void {
    clearInterval(this.#pings);
  }

  #ping(): void {
    const { reply, signal } = this.#parts;
    if (signal.aborted || reply.raw.writableNeedDrain) return;
    this.#begin();
    reply.raw.write(PING);
  }

  #begin(): void {
    if (this.#has_begun) return;
    this.#has_begun = true;
    const { reply } = this.#parts;
    reply.hijack();
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
    });
  }
}
