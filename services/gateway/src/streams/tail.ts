import { subjectMatches } from "@gatehouse/events";
import type { Bus, StreamState } from "@gatehouse/runtime";
import { SharedMessage } from "./shared-message.ts";

/** Somebody who follows a stream as it grows. */
export interface Reader {
  readonly pattern: string;
  /** Called in the order of the stream, also for messages that the reader had already: it looks at `seq`. */
  deliver(message: SharedMessage): void;
  /** The stream cannot be followed any more; the reader is forgotten. */
  fail(error: unknown): void;
}

const RECENT_BYTES = 4 * 1024 * 1024;
const RECENT_MESSAGES = 8_192;

/** The end of one stream, followed once for the whole gateway, with its most recent messages at hand. */
export class Tail {
  readonly stream: string;
  readonly epoch: number;
  /** The newest sequence that was handed out. */
  position: number;
  /** By the one subject that they follow: most readers follow a single answer, and there are many of them. */
  readonly #exact = new Map<string, Set<Reader>>();
  /** By their pattern. */
  readonly #wild = new Map<string, Set<Reader>>();
  #recent: SharedMessage[] = [];
  #recent_bytes = 0;
  /** All messages from this sequence on, up to `position`, are at hand. */
  #recent_from: number;
  #ended: { error: unknown } | null = null;

  constructor({ name, epoch, last_seq }: StreamState) {
    this.stream = name;
    this.epoch = epoch;
    this.position = last_seq;
    this.#recent_from = last_seq + 1;
  }

  /** Follows the stream until the signal aborts. @throws when it cannot be followed any more; then all readers were told */
  async run(bus: Bus, signal: AbortSignal): Promise<void> {
    try {
      for await (const message of bus.follow(this.stream, { seq: this.position + 1 }, { signal }))
        this.#take(new SharedMessage(message), message.seq);
    } catch (error) {
      this.end(error);
      throw error;
    }
  }

  /** Tells all readers, and all that come later, that it cannot go on. */
  end(error: unknown): void {
    this.#ended ??= { error };
    const readers = [...this.#exact.values(), ...this.#wild.values()].flatMap((set) => [...set]);
    this.#exact.clear();
    this.#wild.clear();
    for (const reader of readers) reader.fail(error);
  }

  add(reader: Reader): void {
    if (this.#ended) return reader.fail(this.#ended.error);
    const alike = this.#like(reader);
    const same = alike.get(reader.pattern);
    if (same) same.add(reader);
    else alike.set(reader.pattern, new Set([reader]));
  }

  remove(reader: Reader): void {
    const alike = this.#like(reader);
    const same = alike.get(reader.pattern);
    same?.delete(reader);
    if (same?.size === 0) alike.delete(reader.pattern);
  }

  #like({ pattern }: Reader): Map<string, Set<Reader>> {
    return /(^|\.)[*>](\.|$)/.test(pattern) ? this.#wild : this.#exact;
  }

  /** Whether a reader that has everything up to this sequence misses nothing when it goes on here. */
  covers(after: number): boolean {
    return after + 1 >= this.#recent_from;
  }

  /** The first message at hand behind a sequence that a pattern wants. */
  nextAfter(after: number, pattern: string): SharedMessage | null {
    for (let i = this.#indexAfter(after); i < this.#recent.length; i++)
      if (subjectMatches(pattern, this.#recent[i]!.subject)) return this.#recent[i]!;
    return null;
  }

  #indexAfter(after: number): number {
    let low = 0;
    let high = this.#recent.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#recent[middle]!.seq! <= after) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #take(message: SharedMessage, seq: number): void {
    this.position = seq;
    this.#recent.push(message);
    this.#recent_bytes += message.bytes;
    this.#forget();
    for (const reader of this.#exact.get(message.subject) ?? []) reader.deliver(message);
    for (const [pattern, readers] of this.#wild)
      if (subjectMatches(pattern, message.subject)) for (const reader of readers) reader.deliver(message);
  }

  /** Drops the oldest in one go, some more than need be, so that the list is rarely rebuilt. */
  #forget(): void {
    if (this.#recent_bytes <= RECENT_BYTES && this.#recent.length <= RECENT_MESSAGES) return;
    let drop = 0;
    while (
      drop < this.#recent.length &&
      (this.#recent_bytes > RECENT_BYTES * 0.75 || this.#recent.length - drop > RECENT_MESSAGES * 0.75)
    )
      this.#recent_bytes -= this.#recent[drop++]!.bytes;
    this.#recent_from = this.#recent[drop - 1]!.seq! + 1;
    this.#recent = this.#recent.slice(drop);
  }
}
