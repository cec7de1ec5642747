import { PCM_RANGES, type PcmFormat, SAMPLE_BYTES } from "../audio/pcm.ts";
import type { Samples } from "../audio/wav-samples.ts";
import type { Calling } from "../calling/calling.ts";
import { Identity } from "../calling/identity.ts";
import { ModelAnswerError, TextToSpeechAuthError, TextToSpeechDownError } from "../errors.ts";
import { describedModel } from "../wyoming/describe.ts";
import type { WyomingEvent } from "../wyoming/event.ts";
import type { Talk } from "../wyoming/talk.ts";
import { WyomingServer } from "../wyoming/wyoming-server.ts";
import { TEXT_TO_SPEECH_DEFAULTS, type WyomingTextToSpeechConfig } from "./config.ts";
import { silent } from "./silent.ts";
import type { SpeakOptions, SpokenEnd, TextToSpeech } from "./text-to-speech.ts";

/** A speaker that speaks the Wyoming protocol. */
export class WyomingTextToSpeech implements TextToSpeech {
  readonly #server: WyomingServer;
  readonly #config: WyomingTextToSpeechConfig & { timeout_ms: number };
  readonly #identity: Identity;

  constructor(given: WyomingTextToSpeechConfig, calling: Calling) {
    const config = { ...TEXT_TO_SPEECH_DEFAULTS, ...given };
    const errors = { Down: TextToSpeechDownError, Auth: TextToSpeechAuthError };
    this.#config = config;
    this.#server = new WyomingServer({ config, action: "speak a text", ...errors, calling });
    this.#identity = new Identity((signal) => this.#server.askAside((talk) => describedModel(talk, "tts"), signal));
  }

  async *speak(
    text: string,
    { voice = this.#config.voice, language, ...options }: SpeakOptions,
  ): AsyncGenerator<Samples, SpokenEnd, void> {
    let begun: WyomingEvent | undefined;
    const talk = await this.#server.open(async (opened) => {
      await opened.send({ type: "synthesize", data: { text, voice: voiceOf(voice, language) } });
      begun = await opened.nextOf("audio-start");
      opened.answers();
    }, options);
    try {
      yield* this.#samples(talk, formatOf(begun!, talk));
    } catch (error) {
      this.#identity.forget();
      await talk.end(error);
      throw error;
    } finally {
      await talk.end();
    }
    const model = { name: "unknown", version: "unknown", backend: "wyoming", ...(await this.#identity.get()) };
    return { model };
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#server.probe(signal);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  async *#samples(talk: Talk, format: PcmFormat): AsyncGenerator<Samples, void, void> {
    const { timeout_ms } = this.#config;
    let is_heard = false;
    talk.allow(timeout_ms);
    for (let event = await talk.next(); event.type !== "audio-stop"; event = await talk.next()) {
      const { payload } = event;
      if (event.type !== "audio-chunk" || !payload?.length) continue;
      is_heard = true;
      talk.pause();
      yield { bytes: wholeFrames(payload, { format, talk }), format };
      talk.allow(timeout_ms);
    }
    if (!is_heard) throw silent(talk.fault);
  }
}

/** A voice's name decides its language; servers of many speakers are asked by language alone. */
function voiceOf(name: string | undefined, language: string | undefined): object | undefined {
  if (name !== undefined) return { name };
  return language === undefined ? undefined : { language };
}

function formatOf({ data: { rate, width, channels } }: WyomingEvent, talk: Talk): PcmFormat {
  const { least_hz, most_hz, channels: most } = PCM_RANGES;
  if (width === SAMPLE_BYTES && isWithin(rate, least_hz, most_hz) && isWithin(channels, 1, most))
    return { sample_rate_hz: rate, channels };
  const seen = [rate, width, channels].map((value) => (typeof value === "number" ? value : typeof value)).join(", ");
  const wanted = `audio-start must have a rate of ${least_hz}..${most_hz}, a width of ${SAMPLE_BYTES} bytes and 1..${most} channels`;
  throw talk.fault(ModelAnswerError, `${wanted}: it has ${seen}`);
}

const isWithin = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

function wholeFrames(payload: Uint8Array, { format, talk }: { format: PcmFormat; talk: Talk }): Uint8Array {
  const frame_bytes = format.channels * SAMPLE_BYTES;
  if (payload.length % frame_bytes === 0) return payload;
  const seen = `${payload.length} bytes with frames of ${frame_bytes}`;
  throw talk.fault(ModelAnswerError, `audio-chunk must hold whole frames: it has ${seen}`);
}
