import { type PcmFormat, type PcmStream, SAMPLE_BYTES } from "../audio/pcm.ts";
import { wavFile } from "../audio/wav-file.ts";
import type { CallOptions } from "../calling/call-options.ts";
import { Deadline } from "../calling/deadline.ts";
import { untilAborted } from "../calling/retrying.ts";
import { ModelRefusedError, ModelTimeoutError } from "../errors.ts";

/** The longest speech, in bytes: OpenAI takes no more (https://platform.openai.com/docs/guides/speech-to-text). */
export const MOST_SPEECH_BYTES = 25 * 1024 * 1024;

/** About as much is kept in one piece, however small the pieces are in which it comes. */
const BLOCK_BYTES = 64 * 1024;

/** Speech that is still being said. It is kept as it comes, so that the next try and the next server can hear it from the beginning. */
export class LiveSpeech {
  readonly format: PcmFormat;
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #patience: Deadline;
  /** Whole frames; all full but the last one. */
  readonly #blocks: Uint8Array[] = [];
  readonly #block_bytes: number;
  #kept_bytes = 0;
  #rest: Uint8Array = new Uint8Array();
  #bytes = 0;
  #is_over = false;
  #coming: Promise<void> | null = null;

  /** @param options the call's; `most_ms`: how long somebody may speak */
  constructor(
    { chunks, sample_rate_hz, channels }: PcmStream,
    { signal, deadline_ms, most_ms }: CallOptions & { most_ms: number },
  ) {
    this.#source = chunks[Symbol.asyncIterator]();
    this.format = { sample_rate_hz, channels };
    const frame_bytes = channels * SAMPLE_BYTES;
    this.#block_bytes = frame_bytes * Math.ceil(BLOCK_BYTES / frame_bytes);
    this.#patience = new Deadline(signal, deadline_ms);
    this.#patience.arm(most_ms);
  }

  /**
   * All of it from the beginning, in whole frames.
   * @throws {ModelRefusedError} when it is too long @throws {ModelTimeoutError} when it takes too long @throws the signal's reason
   */
  async *frames(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const left = AbortSignal.any([signal, this.#patience.signal]);
    for (let at = 0; ; ) {
      while (at >= this.#kept_bytes) {
        if (this.#is_over) return;
        await this.#more(left);
      }
      const piece = this.#from(at);
      at += piece.length;
      yield piece;
    }
  }

  /** All of it as a WAV file, once it is over. @throws what `frames` throws */
  async whole(signal: AbortSignal): Promise<Uint8Array> {
    for await (const _ of this.frames(signal));
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < this.#kept_bytes; at += this.#block_bytes) pieces.push(this.#from(at));
    return wavFile(pieces, this.format);
  }

  /** Lets go of the source. */
  close(): void {
    this.#is_over = true;
    this.#patience.dispose();
    this.#source.return?.()?.catch(() => {});
  }

  async #more(signal: AbortSignal): Promise<void> {
    try {
      signal.throwIfAborted();
      await untilAborted(this.#hear(), { signal, discard: () => {} });
    } catch (thrown) {
      if (!this.#patience.expired) throw thrown;
      const { timeout_ms } = this.#patience;
      throw new ModelTimeoutError(`Cannot write down speech as it must be over within ${timeout_ms} ms: it is not`, {
        facts: { timeout_ms },
      });
    }
  }

  /** Hears on; a source that failed stays failed. */
  #hear(): Promise<void> {
    this.#coming ??= this.#hearNext().then(() => {
      this.#coming = null;
    });
    return this.#coming;
  }

  async #hearNext(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) {
      this.#is_over = true;
      return;
    }
    this.#bytes += value.length;
    if (this.#bytes > MOST_SPEECH_BYTES)
      throw new ModelRefusedError(
        `Cannot write down speech as it must have at most ${MOST_SPEECH_BYTES} bytes: it goes on after that`,
      );
    const heard = Buffer.concat([this.#rest, value]);
    const usable = heard.length - (heard.length % (this.format.channels * SAMPLE_BYTES));
    this.#rest = heard.subarray(usable);
    this.#keep(heard.subarray(0, usable));
  }

  #keep(frames: Uint8Array): void {
    for (let at = 0; at < frames.length; ) {
      const start = this.#kept_bytes % this.#block_bytes;
      if (start === 0) this.#blocks.push(new Uint8Array(this.#block_bytes));
      const part = frames.subarray(at, at + this.#block_bytes - start);
      this.#blocks.at(-1)!.set(part, start);
      this.#kept_bytes += part.length;
      at += part.length;
    }
  }

  /** What is kept from that byte on, to the end of its block. */
  #from(at: number): Uint8Array {
    const start = at % this.#block_bytes;
    return this.#blocks[Math.floor(at / this.#block_bytes)]!.subarray(start, start + this.#kept_bytes - at);
  }
}
