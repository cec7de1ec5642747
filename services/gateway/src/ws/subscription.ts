import type { PatientReader } from "../streams/catch-up.ts";
import type { SharedMessage } from "../streams/shared-message.ts";
import { batchFrame, messageFrame, type Prefixes } from "./frame.ts";
import type { Outbox } from "./outbox.ts";

export interface SubscriptionParts {
  id: string;
  pattern: string;
  outbox: Outbox;
  encoding: Prefixes["encoding"];
  batch?: { ms: number; max: number } | undefined;
  /** Tells the client what left the stream before it could be read. */
  onGap(from_seq: number, to_seq: number): void;
  /** Tells the client that it reads too slowly, and that this is over. */
  onLagged(next_seq: number | null): void;
  /** Tells the client why this is over. */
  onFailed(error: unknown): void;
}

/** Said by every signal: making a reason for each takes longer than all else at its end. */
const OVER = new Error("The subscription is over");

/** One client's wish to hear of some subjects. Hands on what is newer than the last it handed on, until it ends. */
export class Subscription implements PatientReader {
  readonly id: string;
  readonly pattern: string;
  readonly #parts: SubscriptionParts;
  readonly #ended = new AbortController();
  /** The last sequence that was handed on, or that is not wanted. */
  #after = 0;
  #gathered: SharedMessage[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: SubscriptionParts) {
    this.id = parts.id;
    this.pattern = parts.pattern;
    this.#parts = parts;
  }

  /** Aborted when it is over. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Nothing up to this sequence is wanted. */
  skipTo(seq: number): void {
    this.#after = Math.max(this.#after, seq);
  }

  deliver(message: SharedMessage): void {
    if (this.#ended.signal.aborted) return;
    if (message.seq !== null) {
      if (message.seq <= this.#after) return;
      this.#after = message.seq;
    }
    const { batch, outbox } = this.#parts;
    if (batch) return this.#gather(message, batch);
    if (!outbox.offer(messageFrame(this.#names(), message))) this.#lag(message.seq);
  }

  gap(from_seq: number, to_seq: number): void {
    this.#flush();
    if (!this.#ended.signal.aborted) this.#parts.onGap(from_seq, to_seq);
  }

  fail(error: unknown): void {
    if (this.#ended.signal.aborted) return;
    this.end();
    this.#parts.onFailed(error);
  }

  async room(next_seq: number): Promise<boolean> {
    if (await this.#parts.outbox.room(this.#ended.signal)) return true;
    this.#lag(this.#gathered[0]?.seq ?? next_seq);
    return false;
  }

  end(): void {
    this.#ended.abort(OVER);
    if (this.#timer) clearTimeout(this.#timer);
    this.#gathered = [];
  }

  #gather(message: SharedMessage, { ms, max }: { ms: number; max: number }): void {
    this.#gathered.push(message);
    if (this.#gathered.length >= max) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), ms).unref();
  }

  #flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const messages = this.#gathered;
    this.#gathered = [];
    if (messages.length === 0) return;
    if (!this.#parts.outbox.offer(batchFrame(this.#names(), messages))) this.#lag(messages[0]!.seq);
  }

  #names(): Prefixes {
    return { encoding: this.#parts.encoding, id: this.id };
  }

  #lag(next_seq: number | null): void {
    if (this.#ended.signal.aborted) return;
    this.end();
    this.#parts.onLagged(next_seq);
  }
}
