import { type PcmFormat, SAMPLE_BYTES } from "../audio/pcm.ts";
import { readWavHeader } from "../audio/wav-header.ts";
import type { CallOptions } from "../calling/call-options.ts";
import type { Calling } from "../calling/calling.ts";
import { Identity } from "../calling/identity.ts";
import { ModelAnswerError, ModelRefusedError, SpeechToTextAuthError, SpeechToTextDownError } from "../errors.ts";
import { describedModel } from "../wyoming/describe.ts";
import type { Talk } from "../wyoming/talk.ts";
import { WyomingServer } from "../wyoming/wyoming-server.ts";
import { SPEECH_TO_TEXT_DEFAULTS, type WyomingSpeechToTextConfig } from "./config.ts";
import { LiveSpeech } from "./live-speech.ts";
import type { RecordedSpeech, SpeechToTextClient, TranscribeOptions, Transcript } from "./speech-to-text.ts";

/** Samples as a server hears them. */
interface Heard {
  format: PcmFormat;
  frames(signal: AbortSignal): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Recordings go out in pieces of a tenth of a second. */
const PIECES_PER_S = 10;

/** A listener that speaks the Wyoming protocol: it hears live speech while it is being said. */
export class WyomingSpeechToText implements SpeechToTextClient {
  readonly hears_live = true;
  readonly #server: WyomingServer;
  readonly #timeout_ms: number;
  readonly #identity: Identity;

  constructor(given: WyomingSpeechToTextConfig, calling: Calling) {
    const config = { ...SPEECH_TO_TEXT_DEFAULTS, ...given };
    const errors = { Down: SpeechToTextDownError, Auth: SpeechToTextAuthError };
    this.#server = new WyomingServer({ config, action: "write down speech", ...errors, calling });
    this.#timeout_ms = config.timeout_ms;
    this.#identity = new Identity((signal) => this.#server.askAside((talk) => describedModel(talk, "asr"), signal));
  }

  takes(media_type: string): boolean {
    return media_type === "audio/wav" || media_type === "audio/x-wav";
  }

  async transcribe(
    speech: RecordedSpeech | LiveSpeech,
    { language, ...options }: TranscribeOptions,
  ): Promise<Transcript> {
    const heard = speech instanceof LiveSpeech ? speech : this.#samplesOf(speech);
    const asked = language === undefined ? {} : { language };
    try {
      const data = await this.#server.ask((talk) => this.#talk(talk, { heard, asked, options }), options);
      const { text } = data;
      if (typeof text !== "string")
        throw this.#server.fault(ModelAnswerError, `transcript.text must be text: it is ${typeof text}`);
      const told = typeof data.language === "string" ? data.language : null;
      const model = { name: "unknown", version: "unknown", backend: "wyoming", ...(await this.#identity.get()) };
      return { model, text: text.trim(), language: told ?? language ?? null };
    } catch (error) {
      this.#identity.forget();
      throw error;
    }
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#server.probe(signal);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Sends the speech and waits for its transcript; a server may have heard enough before the end. */
  async #talk(
    talk: Talk,
    { heard, asked, options }: { heard: Heard; asked: object; options: CallOptions },
  ): Promise<Record<string, unknown>> {
    const answered = new AbortController();
    const signal = AbortSignal.any([options.signal, answered.signal]);
    const transcript = talk.nextOf("transcript");
    const said = this.#say(talk, { heard, asked, signal });
    said.catch(() => {});
    transcript.catch(() => {});
    try {
      await Promise.race([said, transcript]);
      const { data } = await transcript;
      return data;
    } finally {
      answered.abort();
    }
  }

  async #say(talk: Talk, { heard, asked, signal }: { heard: Heard; asked: object; signal: AbortSignal }) {
    const { sample_rate_hz: rate, channels } = heard.format;
    const data = { rate, width: SAMPLE_BYTES, channels };
    await talk.send({ type: "transcribe", data: { ...asked } });
    await talk.send({ type: "audio-start", data });
    talk.pause();
    for await (const payload of heard.frames(signal)) {
      talk.allow(this.#timeout_ms);
      await talk.send({ type: "audio-chunk", data, payload });
      talk.pause();
    }
    talk.allow(this.#timeout_ms);
    await talk.send({ type: "audio-stop", data: {} });
  }

  /** @throws {ModelRefusedError} when it is no WAV file of 16-bit PCM */
  #samplesOf({ bytes }: RecordedSpeech): Heard {
    const header = this.#header(bytes);
    const end = header.length === null ? bytes.length : Math.min(bytes.length, header.start + header.length);
    const frame_bytes = header.channels * SAMPLE_BYTES;
    const piece_bytes = frame_bytes * Math.ceil(header.sample_rate_hz / PIECES_PER_S);
    return {
      format: header,
      *frames() {
        for (let at = header.start; at + frame_bytes <= end; at += piece_bytes)
          yield bytes.subarray(at, Math.min(at + piece_bytes, end - ((end - at) % frame_bytes)));
      },
    };
  }

  #header(bytes: Uint8Array) {
    const wanted = "the speech must be a WAV file of 16-bit PCM";
    try {
      const header = readWavHeader(bytes);
      if (header) return header;
    } catch (cause) {
      throw this.#server.fault(ModelRefusedError, `${wanted}: ${(cause as Error).message}`, { cause });
    }
    throw this.#server.fault(ModelRefusedError, `${wanted}: it ends within its header`);
  }
}
