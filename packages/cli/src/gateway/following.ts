import { GatewayRefusedError } from "../errors.ts";
import type { From } from "./from.ts";
import { Inbox } from "./inbox.ts";
import { isLater } from "./is-later.ts";
import type { GatewayLine, Request, Said } from "./line.ts";
import type { StreamMessage } from "./subscription.ts";

type Followed =
  | { what: "message"; message: StreamMessage }
  /** Some messages cannot be had any more, or the stream was made anew. */
  | { what: "gap" }
  /** Nothing came for `silence_ms`. */
  | { what: "silent" };

interface FollowOptions {
  subject: string;
  from: From;
  /** Where to begin when it is not known what came already: the stream was made anew, or it was never heard that it began. */
  anew: From;
  silence_ms: number;
}

/** A subject that is followed on a line, over broken connections: no message is missed, none comes twice. */
export class Following implements Request {
  /** Resolves when the gateway has begun: what comes from then on will be heard. */
  readonly began: Promise<void>;
  readonly #options: FollowOptions;
  readonly #line: GatewayLine;
  readonly #inbox = new Inbox<Followed>();
  readonly #silence: NodeJS.Timeout;
  readonly #begin = Promise.withResolvers<void>();
  readonly #forget: () => void;
  #next: From;
  #asked: From;
  #epoch: number | null = null;

  constructor(line: GatewayLine, options: FollowOptions) {
    this.#line = line;
    this.#options = options;
    this.#next = options.from;
    this.#asked = options.from;
    this.began = this.#begin.promise;
    this.began.catch(() => undefined);
    this.#silence = setTimeout(() => this.#tell({ what: "silent" }), options.silence_ms);
    this.#forget = line.ask(this);
  }

  get waiting(): number {
    return this.#inbox.size;
  }

  /** What comes next. @throws {GatewayRefusedError | GatewayDownError} */
  async take(): Promise<Followed> {
    const told = await this.#inbox.take();
    if (this.#inbox.size === 0) this.#line.resume();
    return told;
  }

  /** Follows no longer. */
  stop(): void {
    clearTimeout(this.#silence);
    this.#forget();
  }

  frame(): object {
    this.#asked = this.#next;
    if (this.#next === "new") this.#next = this.#options.anew;
    return { op: "subscribe", subject: this.#options.subject, from: this.#asked };
  }

  hear(said: Said): "open" | "over" | "again" {
    if (said.op === "subscribed") this.#subscribed(said);
    if (said.op === "message") {
      if (said.seq !== null) this.#goOnWith(said.seq + 1);
      this.#tell({ what: "message", message: said });
    }
    if (said.op === "gap") this.#tell({ what: "gap" });
    if (said.op === "lagged") {
      this.#goOnWith(said.next_seq);
      return "again";
    }
    return said.op === "error" ? this.#refused(said) : "open";
  }

  fail(error: Error): void {
    clearTimeout(this.#silence);
    this.#begin.reject(error);
    this.#inbox.fail(error);
  }

  #subscribed({ epoch, seq }: { epoch: number | null; seq: number | null }): void {
    this.#epoch = epoch;
    if (this.#asked === "new" && seq !== null) this.#goOnWith(seq + 1);
    this.#begin.resolve();
  }

  #refused({ code, message }: { code: string; message: string }): "over" | "again" {
    if (code === "STREAM_RESET") {
      this.#next = this.#options.anew;
      this.#tell({ what: "gap" });
      return "again";
    }
    if (isLater(code)) return "again";
    this.fail(new GatewayRefusedError(message, { facts: { code } }));
    return "over";
  }

  #goOnWith(seq: number): void {
    this.#next = { seq, ...(this.#epoch === null ? {} : { epoch: this.#epoch }) };
  }

  #tell(told: Followed): void {
    this.#inbox.push(told);
    this.#silence.refresh();
  }
}
