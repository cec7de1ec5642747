import { setTimeout as delay } from "node:timers/promises";
import type { WebSocket } from "ws";
import { GatewayDownError, GatewayRefusedError } from "../errors.ts";
import type { Access } from "./access.ts";
import { isLater } from "./is-later.ts";
import { openSocket } from "./socket.ts";
import type { FromGateway } from "./subscription.ts";

export interface Published {
  stream: string;
  seq: number;
  /** It had been published before: this time nothing happened. */
  duplicate: boolean;
}

/** What the gateway says to a request. */
export type Said = FromGateway | ({ op: "published" } & Published);

/** A request that is not over. It is sent anew on every connection, so a repeat must change nothing. */
export interface Request {
  /** What to send, without its id. */
  frame(): object;
  /** Takes what the gateway says. @returns whether more may come, it is over, or it has to be sent again in a while */
  hear(said: Said): "open" | "over" | "again";
  /** Nothing more comes. */
  fail(error: Error): void;
  /** How much of what came was not taken yet. */
  readonly waiting: number;
}

interface LineOptions {
  /** For so long a gateway that is away, or that says "later", is asked again. */
  patience_ms: number;
  /** Told when the connection is lost and did not come back at once, and when it is there again. */
  onState(state: "lost" | "back"): void;
}

const FIRST_BACK_OFF_MS = 250;
const LAST_BACK_OFF_MS = 5_000;
/** From here on the gateway is made to wait. */
const MOST_WAITING = 1_000;

/**
 * One connection to a gateway for many requests, made again when it breaks: subscriptions go on behind their last
 * message, and what was published without an answer is published again under its own id.
 */
export class GatewayLine {
  readonly #access: Access;
  readonly #options: LineOptions;
  readonly #closing = new AbortController();
  readonly #signal = this.#closing.signal;
  readonly #requests = new Map<string, { request: Request; refused_ms: number | null }>();
  #socket: WebSocket | null = null;
  #fault: Error | null = null;
  #count = 0;
  #failures = 0;

  constructor(access: Access, options: LineOptions) {
    this.#access = access;
    this.#options = options;
    void this.#run();
  }

  get connected(): boolean {
    return this.#socket !== null;
  }

  /** Sends a request now, and on every connection from here on, until it is over. @returns what ends it */
  ask(request: Request): () => void {
    if (this.#fault) {
      request.fail(this.#fault);
      return () => undefined;
    }
    const id = `r${++this.#count}`;
    this.#requests.set(id, { request, refused_ms: null });
    this.#send(id);
    return () => {
      if (this.#requests.delete(id)) this.#socket?.send(JSON.stringify({ op: "unsubscribe", id }));
      this.resume();
    };
  }

  /**
   * Publishes; resolves when the broker has it.
   * @throws {GatewayRefusedError} when it may not be, or does not fit
   * @throws {GatewayDownError} when the gateway was away for too long
   */
  publish(subject: string, data: object, msg_id: string): Promise<Published> {
    const { promise, resolve, reject } = Promise.withResolvers<Published>();
    this.ask({
      waiting: 0,
      frame: () => ({ op: "publish", subject, data, msg_id }),
      hear(said) {
        if (said.op === "published") resolve({ stream: said.stream, seq: said.seq, duplicate: said.duplicate });
        if (said.op !== "error") return "over";
        if (isLater(said.code)) return "again";
        reject(new GatewayRefusedError(said.message, { facts: { code: said.code } }));
        return "over";
      },
      fail: reject,
    });
    return promise;
  }

  /** Reads on, after what waited was taken. */
  resume(): void {
    if (this.#socket?.isPaused) this.#socket.resume();
  }

  close(): void {
    this.#closing.abort(new GatewayDownError("Cannot go on as the line was closed"));
  }

  async #run(): Promise<void> {
    let lost_ms = performance.now();
    while (!this.#signal.aborted) {
      const ended = await this.#connect();
      if (this.#socket) lost_ms = performance.now();
      this.#socket = null;
      if (this.#signal.aborted) break;
      if (ended instanceof GatewayRefusedError && !isLater(ended.facts.code)) return this.#fail(ended);
      if (performance.now() - lost_ms > this.#options.patience_ms) return this.#fail(ended);
      if (this.#failures === 1) this.#options.onState("lost");
      const wait_ms = Math.min(FIRST_BACK_OFF_MS * 2 ** this.#failures++, LAST_BACK_OFF_MS);
      await delay(wait_ms, undefined, { signal: this.#signal }).catch(() => undefined);
    }
    this.#fail(this.#signal.reason as Error);
  }

  /** Makes a connection, sends all that is asked, and hears what is said until it ends. @returns why it ended */
  async #connect(): Promise<Error> {
    const { promise, resolve } = Promise.withResolvers<Error>();
    const socket = openSocket(this.#access, resolve);
    const stop = () => socket.terminate();
    this.#signal.addEventListener("abort", stop, { once: true });
    socket.on("open", () => {
      this.#socket = socket;
      if (this.#failures > 1) this.#options.onState("back");
      for (const id of this.#requests.keys()) this.#send(id);
    });
    socket.on("message", (bytes: Buffer) => {
      this.#failures = 0;
      this.#hear(JSON.parse(bytes.toString()) as Said & { id?: string }, socket);
    });
    const ended = await promise;
    this.#signal.removeEventListener("abort", stop);
    return ended;
  }

  #send(id: string): void {
    const asked = this.#requests.get(id);
    if (asked && this.#socket) this.#socket.send(JSON.stringify({ ...asked.request.frame(), id }));
  }

  #hear(said: Said & { id?: string }, socket: WebSocket): void {
    const { id = "" } = said;
    const asked = this.#requests.get(id);
    if (!asked) return;
    const verdict = asked.request.hear(said);
    if (asked.request.waiting > MOST_WAITING) socket.pause();
    if (verdict === "over") this.#requests.delete(id);
    if (verdict === "open") asked.refused_ms = null;
    if (verdict === "again") this.#sendAgain(id, asked, said);
  }

  #sendAgain(id: string, asked: { request: Request; refused_ms: number | null }, said: Said): void {
    asked.refused_ms ??= performance.now();
    if (performance.now() - asked.refused_ms > this.#options.patience_ms) {
      this.#requests.delete(id);
      return asked.request.fail(new GatewayDownError(said.op === "error" ? said.message : "Cannot read fast enough"));
    }
    const socket = this.#socket;
    delay(FIRST_BACK_OFF_MS, undefined, { signal: this.#signal })
      // A connection that was made meanwhile has sent it already.
      .then(() => this.#socket === socket && this.#send(id))
      .catch(() => undefined);
  }

  #fail(error: Error): void {
    this.#fault = error;
    for (const { request } of this.#requests.values()) request.fail(error);
    this.#requests.clear();
  }
}
