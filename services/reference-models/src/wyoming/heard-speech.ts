import type { PcmFormat } from "@gatehouse/models";
import { BadRequestError, BodyTooLargeError } from "../errors.ts";
import { maxSpeechBytes, type Speech } from "../listener/pocketsphinx.ts";

/** Speech that comes in chunks. */
export class HeardSpeech {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #format: PcmFormat | null = null;

  /** @throws {BadRequestError} when it is not 16 bits @throws {BodyTooLargeError} */
  add({ rate, width, channels }: Record<string, unknown>, payload: Uint8Array | undefined): void {
    if (typeof rate !== "number" || width !== 2 || typeof channels !== "number" || channels < 1)
      throw new BadRequestError(
        `Cannot hear speech as its samples must have 2 bytes: current value is ${JSON.stringify({ rate, width, channels })}`,
      );
    this.#format = { sample_rate_hz: rate, channels };
    this.#bytes += payload?.length ?? 0;
    if (this.#bytes > maxSpeechBytes)
      throw new BodyTooLargeError(`Cannot hear speech as it must have at most ${maxSpeechBytes} bytes`);
    if (payload) this.#chunks.push(payload);
  }

  /** @throws {BadRequestError} when nothing came */
  whole(): Speech {
    if (this.#format) return { samples: Buffer.concat(this.#chunks), format: this.#format };
    throw new BadRequestError("Cannot hear speech as audio-stop must follow an audio-chunk: there was none");
  }
}
