import type { Fault } from "../calling/faults.ts";
import { ModelAnswerError } from "../errors.ts";

const NEWLINE = 0x0a;
/** The longest line, in bytes. */
const MOST_LINE_BYTES = 64 * 1024;

/** Takes lines and pieces of known length from bytes as they come. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #fault: Fault;
  readonly #most_bytes: number;
  #held = Buffer.alloc(0);
  #bytes = 0;

  /** @param most_bytes how much is read in all */
  constructor(chunks: AsyncIterable<Buffer>, { fault, most_bytes }: { fault: Fault; most_bytes: number }) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#fault = fault;
    this.#most_bytes = most_bytes;
  }

  /** The next line without its end; null when nothing follows. */
  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#held.indexOf(NEWLINE);
      if (end >= 0) return this.#take(end + 1).toString("utf8", 0, end);
      if (this.#held.length > MOST_LINE_BYTES)
        throw this.#fault(ModelAnswerError, `a line must have at most ${MOST_LINE_BYTES} bytes: it goes on after that`);
      const chunk = await this.#next();
      if (chunk) this.#held = Buffer.concat([this.#held, chunk]);
      else if (this.#held.length > 0) throw this.#cutOff();
      else return null;
    }
  }

  /** The next `length` bytes. */
  async exactly(length: number): Promise<Buffer> {
    if (length > this.#most_bytes) throw this.#tooMuch();
    const pieces: Uint8Array[] = [this.#held];
    for (let bytes = this.#held.length; bytes < length; ) {
      const chunk = await this.#next();
      if (!chunk) throw this.#cutOff();
      pieces.push(chunk);
      bytes += chunk.length;
    }
    this.#held = Buffer.concat(pieces);
    return this.#take(length);
  }

  async #next(): Promise<Buffer | null> {
    const { done, value } = await this.#chunks.next();
    if (done) return null;
    this.#bytes += value.length;
    if (this.#bytes > this.#most_bytes) throw this.#tooMuch();
    return value;
  }

  #take(length: number): Buffer {
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return taken;
  }

  #tooMuch(): Error {
    return this.#fault(ModelAnswerError, `the answer must be at most ${this.#most_bytes} bytes: it goes on after that`);
  }

  #cutOff(): Error {
    return this.#fault(ModelAnswerError, "the answer must be whole: it was cut off within an event");
  }
}
