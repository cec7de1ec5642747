import type { Bus } from "@gatehouse/runtime";

/** Somebody who wants to know what is gone. */
export interface GapReader {
  /** The messages from one sequence to another left the stream before they could be read. */
  gap(from_seq: number, to_seq: number): void;
}

/** So many messages may be handed on before the next hole is looked into: with a narrow pattern every message is behind one. */
const LOOK_EVERY = 256;

/**
 * Looks into the holes between the messages that a reader of the past gets: most are messages that its pattern does not
 * want, but what left the stream meanwhile is told. The first hole is looked into at once.
 */
export class GapWatch {
  readonly #bus: Pick<Bus, "stream">;
  readonly #stream: string;
  readonly #reader: GapReader;
  #hole_from: number | null = null;
  #rest = 0;

  constructor(bus: Pick<Bus, "stream">, stream: string, reader: GapReader) {
    this.#bus = bus;
    this.#stream = stream;
    this.#reader = reader;
  }

  /** Before a message is handed on: `after` is the sequence up to which all is done. */
  async pass(after: number, seq: number): Promise<void> {
    if (seq > after + 1) this.#hole_from ??= after + 1;
    if (this.#rest-- <= 0) await this.settle(seq - 1);
  }

  /** When all up to a sequence was handed on: tells what of it was gone. */
  async settle(seq: number): Promise<void> {
    const hole_from = this.#hole_from;
    if (hole_from === null) return;
    this.#hole_from = null;
    this.#rest = LOOK_EVERY;
    const { first_seq } = await this.#bus.stream(this.#stream);
    if (first_seq > hole_from) this.#reader.gap(hole_from, Math.min(first_seq - 1, seq));
  }
}
