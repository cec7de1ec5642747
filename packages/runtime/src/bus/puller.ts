import { createInbox, type Msg, type NatsConnection, type Subscription } from "@nats-io/nats-core";

export interface PullerOptions {
  stream: string;
  consumer: string;
  /** Messages asked for and not yet finished, at most. */
  window: number;
  /** Ask again as soon as this many places are free. */
  ask_at: number;
  expires_ms: number;
  /** Nothing is asked for without a connection: the client would ask later, in addition. */
  isConnected(): boolean;
  onMessage(message: Msg): void;
  /** The consumer or its stream was deleted, or nobody answered for it. */
  onMissing(why: "deleted" | "silent"): void;
}

interface Request {
  reply: string;
  left: number;
  deadline_ms: number;
}

const GRACE_MS = 2_000;
const NOTHING_THERE = 404;
const EXPIRED = 408;

/**
 * Pulls messages of one consumer: never asks for more than there are free places, and asks anew for what a broken
 * connection or an expired request swallowed. `finish()` frees a place.
 */
export class Puller {
  readonly #connection: NatsConnection;
  readonly #options: PullerOptions;
  readonly #inbox = createInbox();
  readonly #subscription: Subscription;
  readonly #timer: NodeJS.Timeout;
  #requests: Request[] = [];
  #asked = 0;
  #busy = 0;
  #next = 0;
  #open = false;
  #scheduled = false;

  constructor(connection: NatsConnection, options: PullerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#subscription = connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (!error) this.#onMessage(message);
      },
    });
    this.#timer = setInterval(() => this.#sweep(), 500).unref();
  }

  /** Messages handed over and not yet finished. */
  get busy(): number {
    return this.#busy;
  }

  /** Begins, or goes on, to ask. */
  open(): void {
    this.#open = true;
    this.#schedule();
  }

  /** Asks for nothing more; what was asked for may still come. */
  close(): void {
    this.#open = false;
  }

  finish(): void {
    this.#busy--;
    this.#schedule();
  }

  /** What was asked for is lost: the connection broke. */
  forget(): void {
    this.#requests = [];
    this.#asked = 0;
    this.#schedule();
  }

  /** Ends the subscription; what is on its way is still handed over before this resolves. Repeatable. */
  async drain(): Promise<void> {
    this.#open = false;
    clearInterval(this.#timer);
    if (!this.#connection.isClosed() && !this.#subscription.isClosed()) await this.#subscription.drain();
  }

  /** Ends the subscription now. Repeatable. */
  dispose(): void {
    this.#open = false;
    clearInterval(this.#timer);
    if (!this.#connection.isClosed()) this.#subscription.unsubscribe();
  }

  #schedule(): void {
    if (this.#scheduled || !this.#open) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#ask();
    });
  }

  #ask(): void {
    const { stream, consumer, window, ask_at, expires_ms } = this.#options;
    const free = window - this.#busy - this.#asked;
    if (!this.#open || free < ask_at || !this.#options.isConnected()) return;
    const reply = `${this.#inbox}.${(this.#next++).toString(36)}`;
    this.#requests.push({ reply, left: free, deadline_ms: performance.now() + expires_ms + GRACE_MS });
    this.#asked += free;
    const request = JSON.stringify({ batch: free, expires: expires_ms * 1_000_000 });
    this.#connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, request, { reply });
  }

  #onMessage(message: Msg): void {
    if (message.subject.startsWith(this.#inbox)) return this.#onStatus(message);
    const request = this.#requests[0];
    if (request) {
      request.left--;
      this.#asked--;
      if (request.left <= 0) this.#requests.shift();
    }
    this.#busy++;
    this.#options.onMessage(message);
  }

  #onStatus(message: Msg): void {
    const code = message.headers?.code ?? 0;
    if (code === 100) return;
    this.#drop((request) => request.reply === message.subject);
    const gone = code === 409 && /(consumer|stream) deleted/i.test(message.headers?.description ?? "");
    if (code === 503 || gone) this.#options.onMissing("deleted");
    // After any other refusal the next sweep asks again: asking at once would be refused at once.
    else if (code === EXPIRED || code === NOTHING_THERE) this.#schedule();
  }

  #sweep(): void {
    const now_ms = performance.now();
    const asked = this.#requests.length;
    this.#drop((request) => request.deadline_ms < now_ms);
    // Measured: where JetStream's interface is imported, asking a consumer that is not there meets silence.
    if (this.#requests.length < asked) this.#options.onMissing("silent");
    this.#schedule();
  }

  #drop(gone: (request: Request) => boolean): void {
    this.#requests = this.#requests.filter((request) => {
      if (gone(request)) this.#asked -= request.left;
      return !gone(request);
    });
  }
}
