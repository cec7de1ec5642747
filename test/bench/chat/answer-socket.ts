import { once } from "node:events";
import WebSocket from "ws";
import { machineMs } from "../measure/clock.ts";
import type { Doors, Heard, Piece } from "./wire.ts";

const WITHIN_MS = 60_000;

interface Told {
  op: string;
  id?: string;
  data?: { type?: string; content: string; done: boolean };
}

/** A reader's WebSocket, at our gateway or at the door by hand: one answer at a time. */
export class AnswerSocket {
  readonly #socket: WebSocket;
  #pieces: Piece[] = [];
  #subscribed = Promise.withResolvers<void>();
  #done = Promise.withResolvers<void>();

  static async open({ ws_url, key }: Doors): Promise<AnswerSocket> {
    const socket = new WebSocket(ws_url, key ? { headers: { authorization: `Bearer ${key}` } } : {});
    await once(socket, "open");
    return new AnswerSocket(socket);
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => this.#take(JSON.parse(String(data)), machineMs()));
  }

  /** Asks for an answer's stream, then for the answer, and reads it to its end. */
  async hear(request_id: string, ask: () => Promise<unknown>): Promise<Heard> {
    this.#pieces = [];
    this.#subscribed = Promise.withResolvers();
    this.#done = Promise.withResolvers();
    const late = setTimeout(() => this.#done.reject(new Error(`${request_id} had no end`)), WITHIN_MS);
    this.#send({ op: "subscribe", id: request_id, subject: `ai.chat.response.stream.${request_id}`, from: "new" });
    await this.#subscribed.promise;
    const asked_ms = machineMs();
    await Promise.all([ask(), this.#done.promise]);
    clearTimeout(late);
    this.#send({ op: "unsubscribe", id: request_id });
    return { asked_ms, pieces: this.#pieces };
  }

  close(): void {
    this.#socket.terminate();
  }

  #send(request: object): void {
    this.#socket.send(JSON.stringify(request));
  }

  #take({ op, data }: Told, at_ms: number): void {
    if (op === "subscribed") this.#subscribed.resolve();
    else if (op !== "message") this.#done.reject(new Error(`the door said ${op}: ${JSON.stringify(data)}`));
    else if (data!.type === "error") this.#done.reject(new Error(`the answer failed: ${JSON.stringify(data)}`));
    else if (data!.done) this.#done.resolve();
    else this.#pieces.push({ at_ms, text: data!.content });
  }
}
