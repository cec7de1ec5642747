import { type PcmFormat, type PcmStream, SAMPLE_BYTES } from "../audio/pcm.ts";
import { wavFile } from "../audio/wav-file.ts";
import type { CallOptions } from "../calling/call-options.ts";
import { Deadline } from "../calling/deadline.ts";
import { untilAborted } from "../calling/retrying.ts";
import { ModelRefusedError, ModelTimeoutError } from "../errors.ts";

/** The longest speech, in bytes: OpenAI takes no more (https://platform.openai.com/docs/guides/speech-to-text). */
export const MOST_SPEECH_BYTES = 25 * 1024 * 1024;

/** Speech that is still being said. It is kept as it comes, so that the next try and the next server can hear it from the beginning. */
export class LiveSpeech {
  readonly format: PcmFormat;
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #patience: Deadline;
  readonly #kept: Uint8Array[] = [];
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
    this.#patience = new Deadline(signal, deadline_ms);
    this.#patience.arm(most_ms);
  }

  /**
   * All of it from the beginning, in whole frames.
   * @throws {ModelRefusedError} when it is too long @throws {ModelTimeoutError} when it takes too long @throws the signal's reason
   */
  async *frames(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const left = AbortSignal.any([signal, this.#patience.signal]);
    for (let at = 0; ; at++) {
      while (at >= this.#kept.length) {
        if (this.#is_over) return;
        await this.#more(left);
      }
      yield this.#kept[at]!;
    }
  }

  /** All of it as a WAV file, once it is over. @throws what `frames` throws */
  async whole(signal: AbortSignal): Promise<Uint8Array> {
    for await (const _ of this.frames(signal));
    return wavFile(this.#kept, this.format);
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
    if (usable > 0) this.#kept.push(heard.subarray(0, usable));
  }
}
