import { type PcmFormat, type PcmStream, SAMPLE_BYTES } from "../audio/pcm.ts";
import { wavFile } from "../audio/wav-file.ts";
import { untilAborted } from "../calling/retrying.ts";
import { ModelRefusedError } from "../errors.ts";

/** The longest speech, in bytes: OpenAI takes no more (https://platform.openai.com/docs/guides/speech-to-text). */
export const MOST_SPEECH_BYTES = 25 * 1024 * 1024;

/** Speech that is still being said. It is kept as it comes, so that the next try and the next server can hear it from the beginning. */
export class LiveSpeech {
  readonly format: PcmFormat;
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #kept: Uint8Array[] = [];
  #rest: Uint8Array = new Uint8Array();
  #bytes = 0;
  #is_over = false;
  #coming: Promise<void> | null = null;

  constructor({ chunks, sample_rate_hz, channels }: PcmStream) {
    this.#source = chunks[Symbol.asyncIterator]();
    this.format = { sample_rate_hz, channels };
  }

  /** All of it from the beginning, in whole frames. @throws {ModelRefusedError} when it is too long @throws the signal's reason */
  async *frames(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (let at = 0; ; at++) {
      while (at >= this.#kept.length) {
        if (this.#is_over) return;
        signal.throwIfAborted();
        await untilAborted(this.#hear(), { signal, discard: () => {} });
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
    this.#source.return?.()?.catch(() => {});
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
